//! Small lists of words that give the words beside them a meaning. Folded: lower case, no accents.
//!
//! Not here: names, places and common words, which are long lists in `data` ([`super::lexicon`]).

/// What follows is a name unless it is plainly a common word.
pub const TITLES: &[&str] = &[
    "signora", "signor", "signore", "signorina", "sig", "sigra", "sigr", "sign", "sra", "srta", "sr", "sginora", "singora",
    "signroa", "signoar", "sgnora", "siga", "sigg", "signra", "dott", "dottssa", "dottor", "dottore", "dottoressa",
    "dotoressa", "dr", "drssa", "avv", "avvocata", "avvocato", "avvocatessa", "ing", "geom", "rag", "arch", "prof", "profssa",
    "professoressa", "professore", "don", "donna", "suor", "padre", "fra", "madame", "madam", "miss", "mister", "mr", "mrs",
    "ms", "mme", "onorevole", "maresciallo", "ispettore", "ispettrice", "appuntato", "brigadiere", "capitano", "imam",
    "geometra", "ingegnere", "ingegner", "architetto", "ragionier", "ragioniere", "notaio", "commissario", "commissaria",
    "pastore", "monsignor", "mons",
];

/// Persons, by what they are to somebody.
pub const ROLES: &[&str] = &[
    "figlia", "figlio", "figli", "figlie", "bambina", "bambino", "bambini", "bimba", "bimbo", "bimbi", "bimbe", "neonata",
    "neonato", "piccola", "piccolo", "primogenita", "primogenito", "secondogenita", "secondogenito", "gemelle", "gemelli",
    "gemella", "gemello", "sorella", "sorelle", "fratello", "fratelli", "sorellina", "fratellino", "madre", "mamma", "padre",
    "papa", "nonna", "nonno", "nonni", "zia", "zio", "cugina", "cugino", "nipote", "suocera", "suocero", "cognata", "cognato",
    "nuora", "genero", "marito", "moglie", "coniuge", "compagno", "compagna", "convivente", "ex", "fidanzato", "fidanzata",
    "partner", "amica", "amico", "amiche", "vicina", "vicino", "conoscente", "comare", "madrina", "collega", "datore",
    "datrice", "titolare", "padrona", "padrone", "proprietario", "proprietaria", "locatore", "locatrice", "inquilina", "capo",
    "caporeparto", "principale", "responsabile", "referente", "referenti", "coordinatrice", "coordinatore", "operatrice",
    "operatore", "educatrice", "educatore", "mediatrice", "mediatore", "interprete", "psicologa", "psicologo",
    "psicoterapeuta", "assistente", "tutor", "tutrice", "tutore", "curatrice", "curatore", "orientatrice", "orientatore",
    "consulente", "maestra", "maestro", "insegnante", "prof", "pediatra", "ginecologa", "ostetrica", "infermiera", "medico",
    "dentista", "babysitter", "sitter", "tata", "badante", "colf", "volontaria", "volontario", "ragazza", "ragazzo", "donna",
    "utente", "beneficiaria", "assistita", "ospite", "coinquilina", "compaesana", "connazionale", "as", "legale", "parroco",
    "tale", "certo", "certa", "commercialista", "sindaco", "sindaca", "assessore", "assessora", "muratore", "vicinato",
    "capa", "padroni", "coppia", "coniugi", "fratellastro", "patrigno", "matrigna", "figliastro", "pupo", "cucciola",
    "cucciolo", "bebe", "nipotina", "nipotino", "figlioletta", "figlioletto", "nonnina", "zii", "cugini", "amichetta",
    "professionista", "cliente", "anziana", "anziano", "studentessa", "tirocinante", "candidata", "minore", "famiglia",
    "nucleo", "parrucchiera", "sarta",
];

/// Phrases after which a name is given.
pub const NAMERS: &[&str] = &[
    "chiama", "chiamano", "chiamarsi", "nome", "cognome", "nominativo", "detta", "detto", "soprannominata", "soprannome",
    "nomignolo", "chiamata", "firmato", "intestato", "intestata", "intestatario", "intestataria", "nubile", "alias", "nomi",
    "cosiddetta",
];

/// May stand between a role and the name.
pub const BETWEEN: &[&str] = &[
    ".", ":", ",", "(", "\"", "'", "-", "=", "«", "“", "ra", "ssa", "na", "re", "ri", "sociale", "maggiore", "minore", "piu",
    "piccola", "piccolo", "grande", "grandi", "giovane", "legale", "culturale", "linguistica", "linguistico", "aziendale",
    "scolastica", "ventenne", "si", "chiama", "chiamano", "e", "di", "nome", "cognome", "base", "sig", "signora", "signor",
    "dott", "dottoressa", "dr", "avv", "avvocato", "nuovo", "nuova", "attuale", "materna", "paterna", "paterno", "materno",
    "marito", "moglie", "compagno", "compagna", "lavoro", "casa", "cara", "caro", "trentenne", "quarantenne", "del", "nido",
    "convivente", "d", "fatto", "stata", "chiamata", "detta", "da", "tutti", "intero", "completo", "nubile", "l", "la", "il",
    "appunto", "invece", "anziana", "anziano", "a", "domicilio",
];

/// What persons do: their subject may be a name.
pub const VERBS: &[&str] = &[
    "ha", "e", "vuole", "vorrebbe", "cerca", "chiede", "parla", "lavora", "lavorava", "vive", "viveva", "abita", "deve",
    "dovrebbe", "puo", "potrebbe", "sa", "preferisce", "preferirebbe", "desidera", "desidererebbe", "sta", "va", "viene",
    "arriva", "aspetta", "frequenta", "studia", "accompagna", "porta", "segue", "riesce", "spera", "necessita", "dice",
    "racconta", "riferisce", "teme", "rimane", "resta", "torna", "rientra", "ospita", "tiene", "inizia", "finisce", "esce",
    "guida", "conosce", "capisce", "era", "aveva", "sarebbe", "avrebbe", "vorra", "potra", "sara", "dovra", "avra",
    "risponde", "firma", "compila", "dorme", "paga", "guadagna", "gestisce", "prende", "percepisce", "risulta", "presenta",
    "accetta", "rifiuta", "fa", "faceva", "ritira", "pensa", "crede", "sogna", "conferma", "partecipa", "aiuta", "compie",
    "legge", "scrive", "cucina", "chiamera", "richiama", "telefona", "attende", "comincia", "continua", "lascia", "mantiene",
    "usa", "possiede", "entra", "parte", "ama", "dichiara", "ritiene", "punta", "serve", "servono", "manca", "mancano",
    "piace", "piacerebbe", "scade", "bisogna", "intende", "passa", "compira", "iniziera", "andrebbe", "verra", "andra",
    "sostiene", "soffre", "seguira", "propone", "segnala", "collabora", "tornera", "chiedeva", "cercava", "voleva", "poteva",
    "doveva",
];

/// May stand between a subject and its verb.
pub const FILLERS: &[&str] = &[
    "non", "si", "ci", "le", "gli", "lo", "la", "mi", "ne", "gia", "ora", "adesso", "oggi", "anche", "ancora", "invece",
    "poi", "spesso", "sempre", "attualmente", "che", "pero", "purtroppo", "c", "'", "li", "l", "infatti", "quindi",
];

/// Bear persons' names without being persons.
pub const INSTITUTIONS: &[&str] = &[
    "scuola", "scuole", "istituto", "liceo", "itis", "iis", "ipsia", "ic", "fondazione", "cooperativa", "coop",
    "associazione", "ass", "parrocchia", "oratorio", "ospedale", "clinica", "rsa", "asilo", "nido", "materna", "elementare",
    "elementari", "medie", "media", "superiore", "comprensivo", "primaria", "infanzia", "centro", "biblioteca", "teatro",
    "palazzo", "villa", "ditta", "azienda", "impresa", "supermercato", "legge", "decreto", "metodo", "riforma", "universita",
    "hotel", "albergo", "ristorante", "pizzeria", "bar", "trattoria", "gelateria", "panificio", "fiera", "parco", "cpia",
    "enaip", "casa", "comunita", "famiglia", "cantina", "caseificio", "salumificio", "farmacia", "negozio", "gruppo",
    "agenzia", "polo", "stadio", "palestra", "piscina", "residenza", "festa", "torta", "pizza", "linea", "patronato",
    "poliambulatorio", "consultorio", "corso", "progetto", "bando", "sportello", "programma", "cascina", "caserma", "emporio",
    "chiesa", "santuario", "salone", "lavanderia", "hospice", "srl", "spa",
];

/// After these an unknown capital is a person.
pub const TOWARDS: &[&str] = &[
    "per", "x", "con", "aiutare", "sentire", "chiamare", "contattare", "avvisare", "avvertire", "incontrare", "accompagnare",
    "iscrivere", "anche", "dice", "secondo", "sostenere", "seguire", "convocare", "richiamare", "ricontattare", "ascoltare",
    "inserire", "perche", "che", "mentre", "se", "quando", "visto", "informare", "invitare", "salutare", "segnalare",
    "chiedere", "segnaliamo", "inviamo", "presentiamo", "e",
];

/// «di X» after these is about a person.
pub const OWNED: &[&str] = &[
    "mamma", "madre", "padre", "figlio", "figlia", "figli", "amica", "amico", "numero", "mail", "email", "tel", "cell",
    "cellulare", "telefono", "marito", "compagno", "progetto", "percorso", "richiesta", "pratica", "colloquio", "domanda",
    "curriculum", "cv", "disponibilita", "situazione", "bisogno", "bisogni", "esigenze", "richieste", "obiettivo",
    "obiettivi", "scheda", "compleanno", "documenti", "casa", "sorella", "fratello", "nonna", "zia", "datore", "moglie",
    "competenze", "esperienza", "desiderio", "orari", "turni", "permesso", "passaporto", "parte", "presenza", "nascita",
    "arrivo", "invece", "prima", "dopo", "isee", "caso", "storia", "ex", "chiedere",
];

/// «a X» after these is to a person.
pub const GIVING: &[&str] = &[
    "chiedere", "dire", "scrivere", "telefonare", "riferire", "parlare", "spiegare", "mandare", "inviare", "dare", "insieme",
    "assieme", "affidata", "affidato", "affidati", "rivolgersi", "consegnare", "serve", "servono", "servirebbe", "proporre",
    "trovare", "cercare", "manca", "mancano", "piace", "piacerebbe", "interessa", "accanto", "grazie", "intestato",
    "intestata", "ricordare", "comunicare", "bada", "badare", "offrire", "insegnare", "scade", "spetta",
];

/// «da X» after these is a place.
pub const MOVED: &[&str] = &[
    "arrivata", "arrivato", "partita", "uscita", "venuta", "tornata", "trasferita", "andata", "scappata", "fuggita",
    "rientrata", "passata", "emigrata", "lavorato", "distanziata",
];

/// After these an unknown capital is as likely a place.
pub const LOCATIVES: &[&str] = &[
    "a", "in", "da", "di", "nel", "tra", "fra", "verso", "presso", "dal", "del", "dalla", "della", "al", "alla", "nella",
    "vicino", "su", "-", "/", "ad",
];

/// Near these an unknown capital is a firm, a product, a subject.
pub const PRODUCTS: &[&str] = &[
    "ditta", "azienda", "cooperativa", "agenzia", "corso", "tipo", "programma", "software", "app", "sito", "supermercato",
    "magazzino", "lingua", "esame", "linea", "marca", "comune", "cpi", "usa", "usare", "ccnl", "contratto", "macchine",
    "bonus", "fondo", "piano", "misura", "piattaforma", "portale", "sistema", "modello", "scuola", "istituto", "liceo",
    "treno", "autobus", "bus", "hotel", "ospedale", "clinica", "stagione", "gestionale", "pacchetto", "certificazione",
    "titolo", "diploma", "conosce", "lavora", "lavorava", "lavorato", "esperienza", "settore", "sindrome", "qualifica",
    "progetto", "bando", "metodo", "ristorante", "bar", "pizzeria", "negozio", "centro", "origini", "dialetto", "parla",
];

/// Where one works: what follows «alla» is a firm.
pub const WORK: &[&str] = &[
    "lavora", "lavorava", "lavorato", "lavorare", "stage", "tirocinio", "presso", "esperienza", "assunta", "operaia",
    "stagione", "corso", "scuola", "vicino", "fermata", "colloquio", "domanda", "iscritta", "zona",
];

/// Inside surnames.
pub const PARTICLES: &[&str] = &[
    "de", "di", "del", "della", "d", "la", "lo", "li", "el", "al", "ben", "bin", "van", "von", "dal", "dalla", "da", "degli",
    "dei", "mac", "o", "abd", "ould", "ait", "'", "-", "dos", "dell", "y", "os",
];

/// First names that keep their last accent.
pub const ACCENTED: &[&str] = &[
    "nicolo", "niccolo", "noe", "mose", "giosue", "salome", "zoe",
];

/// First names that are places after «a», «in», «da».
pub const PLACE_NAMES: &[&str] = &[
    "sofia", "emilia", "asia", "georgia", "virginia", "carolina", "florencia", "valencia", "victoria", "santiago", "israel",
    "lorena", "ginevra", "adria", "india", "alessandria", "fatima", "lourdes", "guadalupe", "jordan", "verona", "siena",
    "roma", "medina", "giulia", "romana", "abeba",
];

/// Capitalised by habit though no name is meant.
pub const OFTEN_CAPITAL: &[&str] = &[
    "domenica", "natale", "pasqua", "luce", "pace", "sole", "stella", "vita", "primo", "secondo", "santo", "santa", "sante",
    "prima", "settimo", "ottavo", "primavera", "victoria", "fall", "carità", "carita", "fede", "mor", "mar", "mercy",
    "sunday", "monday", "friday", "libera", "libero", "massimo", "modesta", "sereno", "felice", "prospero", "romana",
    "romano", "era", "gift", "happy", "regina", "oliva", "mia",
];

/// First names that are adjectives or participles: no name in lower case.
pub const ADJECTIVES: &[&str] = &[
    "serena", "sereno", "libera", "libero", "felice", "assunta", "modesta", "modesto", "candida", "franca", "franco",
    "donata", "donato", "massimo", "salvo", "prima", "primo", "secondo", "sole", "sara", "sana", "bella", "beata", "cara",
    "viva", "pura", "giusto", "fedele", "costante", "fortunata", "fortunato", "cristiana", "cristiano", "romana", "romano",
    "mia", "vera", "era", "settimo", "ottavo", "quinto", "germana", "santa", "santo", "sali", "nur", "allegra", "celeste",
    "immacolata", "dolce", "gioiosa", "onesta", "azzurra", "ardita", "novella", "greca", "renata", "merita", "vale", "bruna",
    "bruno", "lina", "nada", "dea", "ama", "mitica", "musa", "marine", "dan", "stan", "sol", "li", "min", "domenica",
    "natale", "pasquale", "prospero", "clemente", "prudenza", "vita", "luce", "fede", "fiamma", "aria", "palma", "oliva",
    "selva", "catena", "mar", "mor", "nico", "meri", "rami", "rime", "pino", "regina",
];

/// Of those, names after «con», «per», «aiutare».
pub const WELCOME: &[&str] = &[
    "stella", "vita", "regina", "felice", "libera", "gift", "mercy", "victoria", "oliva", "mia",
];

/// Announce a number to call.
pub const PHONE_LEADS: &[&str] = &[
    "tel", "telefono", "telefonino", "telefonare", "telefonarle", "telefonate", "telef", "cell", "cel", "cellulare", "cellu",
    "numero", "num", "nr", "chiamare", "chiamarla", "chiamate", "chiamatela", "chiama", "richiamare", "richiamarla",
    "contattare", "contattarla", "contattatela", "whatsapp", "whatsap", "watsapp", "wa", "wapp", "wzp", "sms", "fisso",
    "casa", "recapito", "recapiti", "mobile", "scheda", "sim", "sentire", "avvisare", "avvertire", "messaggio", "contatto",
    "contatti", "risponde", "fax", "ufficio", "telegram", "signal", "viber", "utenza", "interno", "rintracciabile",
    "reperibile", "raggiungibile", "squillo", "comporre", "mob", "phone", "linea", "whats", "app", "rispondere",
];

/// Announce a number of something else.
pub const NOT_PHONES: &[&str] = &[
    "verde", "dgr", "dgr.", "legge", "protocollo", "prot", "cig", "cup", "isee", "reddito", "euro", "€", "bando",
    "numeroverde", "centralino", "assegno", "importo", "cap",
];

/// Digits in words.
pub const DIGITS: &[&str] = &[
    "zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "doppio", "triplo", "doppia", "zeri",
    "un",
];

/// Announce a codice fiscale.
pub const FISCAL: &[&str] = &[
    "cf", "fiscale", "fisc", "fiscal", "codfisc", "codicefiscale", "codf",
];

/// Announce a document's number.
pub const PAPERS: &[&str] = &[
    "identita", "ci", "cie", "passaporto", "passport", "patente", "permesso", "soggiorno", "pds", "documento", "documenti",
    "doc", "tessera", "tess", "ts", "team", "sanitaria", "assicurata", "ricevuta", "targa", "matricola", "iban", "carta",
    "pratica", "vestanet", "stp", "eni", "cui", "visto", "libretto", "rinnovo", "conto", "kit", "postepay", "isee",
    "certificato", "polizza", "idserie",
];

/// Where one has a handle.
pub const NETWORKS: &[&str] = &[
    "facebook", "fb", "instagram", "insta", "ig", "tiktok", "tik", "tok", "telegram", "tg", "skype", "snapchat", "snap",
    "messenger", "linkedin", "twitter", "social", "account", "profilo", "nick", "nickname", "username", "user", "utente",
    "whatsapp", "viber", "signal", "wechat", "imo", "threads", "discord", "youtube", "msn", "direct", "pagina", "contatto",
];

/// Beginnings of links to a person's page.
pub const PROFILES: &[&str] = &[
    "facebook.com/", "fb.com/", "instagram.com/", "t.me/", "wa.me/", "tiktok.com/", "fb.me/", "m.me/", "linkedin.com/in/",
];

/// Ends of addresses.
pub const DOMAINS: &[&str] = &[
    "it", "com", "invalid", "net", "org", "eu", "ro", "fr", "es", "ua", "example", "test", "info", "al", "live", "me", "co",
    "uk", "de",
];

/// Providers of mailboxes.
pub const MAILBOXES: &[&str] = &[
    "gmail", "hotmail", "libero", "yahoo", "outlook", "virgilio", "tiscali", "alice", "icloud", "live", "email", "mail",
    "posta", "pec", "tim", "fastwebnet", "inwind", "proton", "protonmail", "msn",
];

/// An address when a name follows.
pub const ROADS: &[&str] = &[
    "via", "viale", "vle", "piazza", "pza", "pzza", "pzz", "piazzale", "piazzetta", "piazzle", "ple", "vicolo", "vic",
    "corso", "cso", "largo", "lgo", "strada", "str", "stradone", "stradina", "contrada", "cda", "frazione", "fraz", "frz",
    "fr", "loc", "localita", "borgo", "borgata", "lungomare", "lungargine", "lungopo", "lungolago", "rione", "calle",
    "salita", "discesa", "traversa", "galleria", "bastioni", "alzaia", "circonvallazione", "cascina", "cna", "casc",
    "cascinale", "palazzina", "condominio", "cond", "residence", "villaggio", "podere", "viottolo", "vial", "tangenziale",
    "passaggio", "porta", "argine", "pzle", "palazzo", "villetta", "agriturismo", "campo", "ripa", "riva", "rotonda",
    "casello",
];

/// Of those, common words: a capital and a number, or a dwelling, must be near.
pub const WEAK_ROADS: &[&str] = &[
    "corso", "porta", "palazzo", "villetta", "campo", "riva", "ripa", "rotonda", "passaggio", "argine", "galleria", "salita",
    "discesa", "agriturismo", "fr", "str", "tangenziale", "vial", "borgo", "villaggio", "casello",
];

/// What follows the dot of «v.le», «p.zza».
pub const ROAD_SUFFIXES: &[&str] = &[
    "le", "zza", "za", "so", "zle", "na", "da", "go", "lo", "to", "raz", "zzale", "zale", "zetta", "zzetta", "colo", "ada",
];

/// Between a road and its name.
pub const ROAD_LINKS: &[&str] = &[
    "di", "del", "dello", "della", "dei", "degli", "delle", "dell", "d", "da", "san", "santa", "santo", "sant", "s", "ss",
    "f", "lli", "don", "papa", "monsignor", "mons", "per", "al", "alla", "ai", "la", "le", "il", "'", ".", "\"", "“", "a",
    "ca", "c",
];

/// «via» of a channel or a manner.
pub const MANNERS: &[&str] = &[
    "mail", "email", "e", "pec", "whatsapp", "sms", "telefono", "telefonica", "telematica", "web", "internet", "fax", "posta",
    "skype", "zoom", "meet", "teams", "telegram", "libera", "urgenza", "definitiva", "eccezionale", "sperimentale",
    "preferenziale", "prioritaria", "cautelativa", "temporanea", "provvisoria", "ordinaria", "straordinaria", "riservata",
    "informale", "generale", "breve", "crucis", "app", "chat", "messaggio", "messenger", "inps", "spid", "portale",
    "videochiamata", "tutto", "amministrativa", "giudiziale", "principale", "diretta", "autonoma", "bonaria", "privata",
    "pubblica", "verbale", "formale", "subordinata", "informatica", "cartacea", "video", "tel", "cell", "raccomandata",
    "lettera", "mezzo", "scritta", "orale", "social", "linkedin", "google", "bus", "treno", "mare", "aerea",
];

/// What streets are called.
pub const FAMOUS: &[&str] = &[
    "garibaldi", "mazzini", "cavour", "roma", "dante", "verdi", "marconi", "matteotti", "manzoni", "gramsci", "mantova",
    "milano", "brescia", "trento", "trieste", "vittorio", "umberto", "italia", "liberta", "repubblica", "marzo", "aprile",
    "novembre", "settembre", "leopardi", "carducci", "pascoli", "battisti", "diaz", "cadorna", "kennedy", "moro", "togliatti",
    "bixio", "cairoli", "europa", "duomo", "indipendenza", "risorgimento", "martiri", "partigiani", "caduti", "mille",
    "colombo", "vespucci", "galilei", "volta", "puccini", "rossini", "bellini", "donizetti", "stradivari", "monteverdi",
    "ponchielli", "campi", "vacchelli", "giuseppina", "postumia", "bergamo", "foppone", "ghisleri", "ugolani", "dati",
    "aselli", "palestro", "solferino", "magenta", "montello", "piave", "isonzo", "grappa", "einaudi", "gasperi", "papa",
    "giovanni", "pertini", "fermi", "zara", "sauro", "toscanini",
];

/// Speak of where one lives.
pub const DWELLING: &[&str] = &[
    "abita", "abito", "abitano", "abitava", "abitare", "vive", "vivono", "sta", "stanno", "risiede", "residente", "res",
    "domiciliata", "domicilio", "dom", "ospite", "ospitata", "casa", "alloggio", "alloggia", "appartamento", "indirizzo",
    "ind", "trasferita", "trasferisce", "affitto", "dorme", "dormono", "civico", "residenza",
];

/// What a number counts, when it is no house number.
pub const UNITS: &[&str] = &[
    "anni", "anno", "mesi", "mese", "ore", "ora", "giorni", "giorno", "settimane", "settimana", "minuti", "min", "km", "euro",
    "€", "figli", "figlie", "figlio", "figlia", "bambini", "bambine", "minori", "persone", "camere", "locali", "stanze",
    "volte", "notti", "familiari", "bimbi", "nipoti", "coinquiline", "amiche", "gatti", "cani", "gennaio", "febbraio",
    "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre", "%", "h",
    "posti", "mq", "altre", "altri", "o", "e",
];

/// «corso» of study.
pub const COURSE_TIES: &[&str] = &[
    "di", "del", "per", "da", "in", "a", "ad", "al", "base", "oss", "asa", "haccp", "d", "e", "dei", "delle", "della", "con",
    "su", "sulla", "la", "le",
];

/// Speak of being born.
pub const BIRTH: &[&str] = &[
    "nata", "nato", "nati", "nate", "nasce", "nascita", "ddn", "nascit", "compleanno", "compie", "compira", "compiuto",
    "compiuti", "compiera", "dn", "natali", "genetliaco", "classe", "nacque", "festeggia",
];

/// Months, also shortened.
pub const MONTHS: &[&str] = &[
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre",
    "dicembre", "gen", "feb", "febb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "sett", "ott", "nov", "dic",
];

/// Give a date another meaning than a birth.
pub const EVENTS: &[&str] = &[
    "dal", "dall", "entro", "fino", "legge", "dgr", "decreto", "scadenza", "scade", "scaduto", "scaduta", "assunta",
    "rilasciato", "rilasciata", "conseguito", "conseguita", "colloquio", "appuntamento", "previsto", "prevista", "presunta",
    "udienza", "sentenza", "provvedimento", "diploma", "contratto", "presa", "ingresso", "arrivata", "sposata", "matrimonio",
    "divorzio", "separazione", "denuncia", "querela", "sfratto", "residente", "arrivo", "sbarcata", "delega", "ricorso",
    "protocollo", "circolare", "verbale", "visita", "ricovero", "licenziata", "delibera", "dlgs", "d", "dpr", "iscritta",
    "attestato", "relazione",
];

/// Whose date is a birth.
pub const CHILDREN: &[&str] = &[
    "figlia", "figlio", "figli", "figlie", "bimba", "bimbo", "bambina", "bambino", "gemelli", "gemelle", "minore",
];

/// Days of the month in words.
pub const DAYS: &[&str] = &[
    "primo", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici", "dodici", "tredici",
    "quattordici", "quindici", "sedici", "diciassette", "diciotto", "diciannove", "venti", "ventuno", "ventidue", "ventitre",
    "ventiquattro", "venticinque", "ventisei", "ventisette", "ventotto", "ventinove", "trenta", "trentuno",
];

/// Ends of Italian words.
pub const ENDINGS: &[&str] = &[
    "zione", "zioni", "sione", "sioni", "mento", "ista", "iste", "isti", "trice", "tore", "tori", "ando", "endo", "enza",
    "enze", "anza", "anze", "aggio", "aggi", "ismo", "bile", "bili", "eria", "erie", "logia", "logie", "logo", "loga",
    "grafia", "tura", "ture", "ivo", "iva", "ivi", "ive", "ale", "ali", "are", "ere", "ire", "arsi", "ersi", "irsi", "arla",
    "arle", "arlo", "erla", "erle", "irla", "irle", "ato", "ata", "ati", "ate", "uto", "uta", "uti", "ute", "ito", "ita",
    "iti", "ite", "ario", "aria", "ari", "arie", "orio", "oria", "ante", "anti", "ente", "enti", "oso", "osa", "osi", "ose",
    "ico", "ica", "ici", "iche", "ese", "esi", "ebbe", "ebbero", "ano", "ono", "ita'", "iera", "ieri", "evole", "issimo",
    "issima", "ezza", "ezze",
];
