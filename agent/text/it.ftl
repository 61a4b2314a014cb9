# Le frasi che una persona legge. Gli stessi nomi stanno in en.ftl.

## Sicurezza

danger-line = In pericolo: 112. Ascolto 24 ore su 24: 1522. Raccordo non è un canale d'emergenza
banner-riservata = Contattala solo così: { $contatto }. Non usare telefono, e-mail o indirizzo già presenti nei vostri archivi. Sospendi i messaggi automatici. Nel dubbio chiama il CAV: { $telefono }.
contact-tramite-cav = tramite il CAV
contact-telefono = al telefono { $numero }
contact-email = per e-mail a { $numero }
contact-messages-no = non lasciare messaggi
contact-messages-yes = si può lasciare un messaggio
contact-as = presentandoti come { $value }
contact-hours = orari: { $value }
contact-until = valido fino al { $value }
contact-phone-unknown = numero nella scheda

## Che cosa non ha funzionato su questa macchina

failure-form-too-large = { $file } è troppo grande per essere un modulo: al massimo { $max } KiB
failure-agent-not-running = L'agente di questo ufficio non è in funzione (nessuna risposta da { $socket }). Avvialo con «raccordo-agent serve», o chiedi a chi amministra il computer.
failure-socket-forbidden = Questo utente non può parlare con l'agente ({ $socket }). Chiedi a chi amministra il computer.
failure-socket-is-none = In { $socket } c'è qualcosa che non è un socket: non è stato toccato, e l'agente non parte. Spostalo, oppure cambia [api] socket nella configurazione.
failure-socket-in-use = Su { $socket } risponde già un altro processo: questo agente non parte. Ferma l'altro, oppure cambia [api] socket nella configurazione.
failure-socket-failed = Non riesco a mettermi in ascolto su { $socket }: { $detail }
failure-no-config = Manca la configurazione: indica --config FILE, oppure imposta RACCORDO_CONFIG.
failure-config-unreadable = Non riesco a leggere la configurazione { $file }: { $detail }
failure-config = Nella configurazione { $file } ci sono voci da correggere:
failure-throwaway = La rete «{ $network }» è una rete di prova: si usa solo con --dev.
failure-form-unreadable = Non riesco a leggere il modulo { $file }: { $detail }
failure-faults = Nel modulo ci sono voci da correggere: non è stato scritto né inviato nulla.
failure-answer-to-check = La risposta non è stata scritta né inviata. Ci sono voci da controllare:
failure-gateway-unreachable = Il gateway non è raggiungibile in questo momento. La lettera della pratica { $codice } è al sicuro nella posta in uscita e partirà da sola.
failure-not-all-delivered = La lettera della pratica { $codice } è al sicuro nella posta in uscita, ma non è ancora arrivata a: { $uffici }. Partirà da sola.
failure-not-delivered = La lettera della pratica { $codice } non può essere consegnata a: { $uffici }. Il motivo è in «raccordo-agent outbox».
failure-export-not-written = Non riesco a scrivere { $file }: { $detail }
failure-watch-timeout = L'evento atteso non si è verificato in { $seconds } secondi.
failure-watch-ended = L'agente ha smesso di rispondere.
failure-bad-event = Evento sconosciuto. Si può aspettare: { $allowed }.
failure-answer-not-written = Non riesco a scrivere la risposta ({ $detail }). Il comando può essere già stato eseguito: controlla prima di ripeterlo.
failure-dev-only = Questa opzione vale solo con --dev, per le prove.
failure-answer = L'agente ha dato una risposta incompleta: agente e comando sono di versioni diverse?
failure-call = L'agente non ha potuto rispondere (codice { $status }).
failure-other = { $detail }
failure-no-trust = Il file di fiducia { $file } manca, non è leggibile o è di un'altra rete: senza, non si può verificare la rubrica della rete.
failure-directory-missing = La rubrica della rete manca: { $file }. L'agente non parte.
failure-directory-unverified = La rubrica della rete { $file } non è verificata ({ $fault }). L'agente non parte.
failure-identity-not-listed = La chiave d'identità di questa macchina non è tra quelle che la rubrica della rete indica per «{ $agency }». L'agente non parte.
failure-store-failed = L'archivio di questo ufficio non riesce più a scrivere. L'agente si ferma: ciò che era già al sicuro lo ritrova quando riparte.
failure-locked-by-another = L'archivio è già in uso da un altro agente.
failure-wrong-key = L'archivio non si apre con questa chiave, o con questa frase segreta. Non è cambiato nulla.
failure-damaged = L'archivio è danneggiato: conserva questa cartella, e ripristina una copia in una cartella nuova, oppure qui con --set-aside.
failure-rolled-back = Nell'archivio mancano registrazioni che erano già al sicuro: è stato troncato, o sostituito con una copia più vecchia. L'agente non parte: conserva questa cartella e ripristina una copia in una cartella nuova.
failure-anchor = Il file anchor.bin, che dice fin dove era arrivato l'archivio, manca o non è attendibile: non si può sapere se l'archivio è intero. L'agente non parte: conserva questa cartella e ripristina una copia in una cartella nuova.
failure-version = L'archivio è stato scritto da un'altra versione di Raccordo.
failure-io = Il disco ha dato un errore: i particolari sono nel registro dell'agente.
failure-no-randomness = Il sistema non fornisce numeri casuali: non si può continuare.
failure-too-large = Una registrazione è troppo grande per l'archivio.
failure-read-only = L'archivio è in sola lettura dopo un errore del disco: riavvia l'agente.
failure-no-credentials = Manca la chiave dell'archivio: il servizio non ha ricevuto credenziali (CREDENTIALS_DIRECTORY).
failure-tls-key-permissions = La chiave TLS { $file } può essere letta da altri. Esegui «chmod 600 { $file }» e riavvia l'agente.
failure-key-permissions = Il file di una chiave può essere letto da altri: deve poterlo leggere solo il suo proprietario (0600).
failure-key-unusable = Il file di una chiave non contiene 32 byte.
failure-unlock-missing = Manca { $file }, che la frase segreta apre, e l'archivio c'è già: o è stato creato con una chiave in un file (source = "credential"), o il file è andato perso. Rimettilo da una copia; senza, ripristina una copia di sicurezza in una cartella nuova.
failure-no-memory = Non c'è abbastanza memoria libera per aprire l'archivio con la frase segreta: ne servono 256 MiB.
failure-no-space = Il disco è pieno. Ciò che era già al sicuro c'è ancora: fai posto, e ripeti.
failure-passphrase-short = La frase segreta è vuota o troppo corta: almeno { $min } caratteri. Senza un terminale viene letta dalla prima riga dello standard input.
failure-passphrase-long = La frase segreta è troppo lunga: al massimo { $max } byte.
failure-passphrase-file-permissions = Altri possono leggere { $file }, che contiene la frase segreta: deve essere solo tuo (chmod 600). Se qualcuno può averla letta, non usarla più.
failure-passphrase-file-lines = { $file } deve contenere la frase segreta e nient'altro: una riga sola.
failure-passphrase-unreadable = La frase segreta non si può leggere da { $file }: { $detail }
failure-passphrases-differ = Le due frasi segrete sono diverse: non è cambiato nulla.
failure-no-passphrase = L'archivio di questo ufficio non si apre con una frase segreta: nella configurazione, [unlock] indica una credenziale.
failure-no-identity = Questo agente non ha ancora una chiave d'identità.
failure-identity-differs = La chiave d'identità da importare è diversa da quella che è già nell'archivio.
failure-journal-there = Qui c'è già un archivio ({ $file }): non è stato scritto nulla. Se è stato rifiutato perché danneggiato, ripeti con --set-aside: viene messo da parte, non cancellato.
failure-no-journal = In questa cartella non c'è ancora un archivio: non c'è nulla da copiare.
failure-erase-unconfirmed = Non è stato cancellato nulla. Con --yes la pratica { $codice } diventa illeggibile in questo ufficio, per sempre: lettere, prove di consegna, e ciò che aspetta ancora di partire, che non partirà. Gli altri uffici tengono quello che hanno ricevuto; le copie di sicurezza già fatte la contengono finché non scadono.
failure-backup-no-folder = Manca la cartella delle copie di sicurezza { $file }: il disco è collegato? La cartella va creata a mano, una volta.
failure-backup-not-written = La copia di sicurezza non è stata scritta ({ $file }): il disco ha dato un errore. Quelle di prima ci sono ancora.
failure-backup-file-exists = { $file } c'è già: non viene sovrascritto.
failure-backup-stopping = L'agente si sta fermando: la copia di sicurezza non è stata fatta.
failure-backup-unreadable = Non riesco a leggere { $file }. Non è stato scritto nulla.
failure-backup-key-unusable = { $file } non contiene una chiave age (una riga AGE-SECRET-KEY-1…). Non è stato scritto nulla.
failure-backup-wrong-key = { $file } non si apre con questa chiave. Non è stato scritto nulla.
failure-backup-damaged = { $file } è danneggiato o incompleto, o non è il file giusto. Non è stato scritto nulla.
failure-backup-other-office = { $file } è di un altro ufficio o di un'altra rete. Non è stato scritto nulla.
failure-backup-version = { $file } è stato scritto da un'altra versione di Raccordo. Non è stato scritto nulla.
failure-tombstones-missing = Non trovo nessun file delle pratiche cancellate ({ $file }): senza, tornerebbero leggibili. Non è stato scritto nulla. Indicalo con --tombstones; oppure, se non c'è più, ripeti con --without-tombstones e cancella di nuovo a mano le pratiche già cancellate.
failure-unknown = codice { $code }

## Che cosa una regola vieta

refusal-unknown-operator = Questo utente del computer non è tra le operatrici e gli operatori dell'ufficio. Chi amministra l'agente può aggiungerlo con «raccordo-agent operator add».
refusal-not-referente = Solo chi ha il ruolo di referente può rispondere, prendere in carico, cancellare una pratica o confermare una chiave.
refusal-role = Il tuo ruolo in questo ufficio non lo permette.
refusal-codice-inesistente = Codice inesistente.
refusal-no-authorisation = Manca un'autorizzazione valida della donna perché «{ $ufficio }» sappia chi è. La parte riservata non è partita.
refusal-no-parte-riservata = Questa pratica non ha una parte riservata.
refusal-already-sent = La parte riservata è già stata inviata a «{ $ufficio }».
refusal-directory-expired = La rubrica della rete è scaduta: non si possono inviare nuove segnalazioni finché l'amministrazione della rete non la rinnova.
refusal-directory-expired-on = La rubrica della rete è scaduta il { $expires }: non si possono inviare nuove segnalazioni finché l'amministrazione della rete non la rinnova.
refusal-no-directory = Questo agente non ha ancora la rubrica della rete.
refusal-no-such-operator = In questo ufficio nessuno ha questo pseudonimo: «raccordo-agent operator list» li elenca.
refusal-operator-exists = Questo utente, o questo pseudonimo, è già registrato.
refusal-dev-only = Vale solo con --dev, per le prove.
refusal-store-failed = L'archivio di questo ufficio non riesce a scrivere: non è stato inviato nulla. Avvisa chi amministra il computer.
refusal-text-too-long = Il testo è troppo lungo: al massimo { $max } caratteri.
refusal-letter-too-large = Tutto insieme è troppo lungo per una lettera: accorcia i testi o gli elenchi.
refusal-bad-date = La data non è valida: si scrive AAAA-MM-GG, e non può essere passata.
refusal-unknown-office = «{ $ufficio }» non è tra gli uffici di questa pratica.
refusal-key-differs = La chiave di «{ $ufficio }» non è quella che hai confermato, o è cambiata ancora: guarda di nuovo «raccordo-agent office keys».
refusal-nothing-to-accept = La chiave di «{ $ufficio }» è quella che conoscete già: non c'è nulla da confermare.
refusal-words-differ = Queste non sono le parole della chiave di «{ $ufficio }» nella rubrica della rete: non è stato confermato nulla. Falle rileggere; se non tornano, avvisa l'amministrazione della rete e non inviare.
refusal-no-backup = Nella configurazione manca la sezione [backup]: non si sa dove mettere la copia, né per quale chiave. Si comincia con «raccordo-agent backup new-key FILE», da fare su un altro computer.
refusal-read-only = L'archivio di questo ufficio è in sola lettura: non è stato inviato nulla. Avvisa chi amministra il computer.
refusal-busy = L'agente è occupato: riprova tra qualche secondo.
refusal-unknown = L'agente ha rifiutato la richiesta (codice { $code }).

## Che cosa correggere in un modulo o nella configurazione

fault-line = { $file }: { $key }: { $sentence }
fault-line-whole = { $file }: { $sentence }
fault-line-typed = { $key }: { $sentence }
fault-not-toml = la riga { $line } non è scritta secondo le regole del formato TOML (virgolette, parentesi, segno =)
fault-unknown-key = questa voce non esiste: controlla come è scritta
fault-wrong-type = { $expected ->
    [text] deve essere un testo tra virgolette
    [flag] deve essere true oppure false
    [number] deve essere un numero intero, senza virgolette
    [list] deve essere un elenco di testi, come ["A", "B"]
    [date] deve essere una data, come 2026-11-20
    [table] deve essere un gruppo di voci
    [tables] deve essere un elenco di gruppi di voci
   *[other] non è del tipo giusto
}
fault-bad-date = non è una data: si scrive AAAA-MM-GG
fault-required = è obbligatoria
fault-not-allowed = si può scrivere solo: { $allowed }
fault-too-many = ha troppe voci: al massimo { $max }
fault-too-long = è troppo lunga: al massimo { $max } caratteri
fault-emergency = Raccordo non è un canale d'emergenza. In pericolo: 112. Ascolto 24 ore su 24: 1522. Qui si può scrivere ORDINARIA oppure URGENTE (e telefona comunque)
fault-date-needed = con CONCLUSA serve la data
fault-only-with-programme = vale solo per l'inserimento nel programma: toglila
fault-programme-needed = per l'inserimento nel programma va indicato il programma
fault-unknown-programme = questo programma non è nella rubrica della rete
fault-unknown-office = «{ $ufficio }» non è un ufficio della rubrica della rete
fault-unknown-equipe = «{ $equipe }» non è un'équipe della rubrica della rete
fault-office-cannot-receive = «{ $ufficio }» non può ricevere segnalazioni
fault-missing-authorisation = manca l'autorizzazione per «{ $ufficio }»: aggiungila, oppure metti l'ufficio in chi_non_deve_sapere
fault-no-recipients = non resta nessun ufficio a cui inviare
fault-authorisation-expired = l'autorizzazione per «{ $ufficio }» è scaduta
fault-duplicate-authorisation = «{ $ufficio }» compare due volte: tieni una riga sola
fault-past-date = la data è già passata
fault-sender-among-recipients = è il vostro stesso ufficio: non si invia a sé stessi
fault-way-to-equipe = si invia a un'équipe: --comune NOME, oppure --equipe ID
fault-way-to-cpi = si chiede a un CPI: --cpi ID
fault-way-to-office = si chiede a un ufficio: --ufficio ID
fault-unknown-comune = nessun comune della Lombardia ha questo nome o questo codice ISTAT: controlla come è scritto, oppure scegli l'équipe con --equipe
fault-part-of-comune = nessun comune ha proprio questo nome. Forse: { $candidates }
fault-part-of-many-comuni = nessun comune ha proprio questo nome. Forse: { $candidates } (e altri { $more })
fault-no-ambito = la rubrica della rete non dice a quale ambito appartiene questo comune: scegli l'équipe con --equipe, e avvisa chi amministra la rete
fault-no-equipe = nessuna équipe per l'ambito «{ $ambito }»: { $uffici ->
    [none] chiedi a chi amministra la rete a chi rivolgerti
   *[other] telefona a { $uffici } per sapere a chi rivolgerti
}
fault-two-equipes = più équipe servono l'ambito «{ $ambito }» ({ $equipes }): scegli con --equipe, e avvisa chi amministra la rete
fault-kept-out = «{ $ufficio }» è in chi_non_deve_sapere: non può essere il destinatario
fault-office-no-cpi-services = «{ $ufficio }» non offre i servizi dei CPI
fault-office-out = «{ $ufficio }» oggi non prende parte alla rete: chiedi a chi la amministra
fault-office-not-reachable = la rubrica della rete non prevede che scriviate a «{ $ufficio }»: chiedi a chi la amministra
fault-seat-to-avoid = «{ $ufficio }» è fra le sedi da evitare, e riceverebbe la segnalazione: mettilo in chi_non_deve_sapere, oppure correggi
fault-directory-unconfirmed = da più di un mese nessuno conferma la rubrica della rete: potrebbe non essere più quella giusta. Se ti serve, chiedi prima all'amministrazione della rete chi c'è ancora
fault-seat-unknown = una delle sedi da evitare non è un ufficio della rubrica: lì Raccordo non può impedire nulla. Correggi il nome se è un ufficio della rete; se non lo è, ripeti con --checked
fault-reader-not-addressed = «{ $ufficio }» non riceve questa segnalazione: non può avere la parte riservata
fault-reader-not-authorised = «{ $ufficio }» non ha un'autorizzazione valida ANCHE_CHI_SONO: aggiungila, oppure togli l'ufficio da per
fault-future-date = la data deve ancora venire
fault-no-number = serve un numero di telefono, oppure un indirizzo e-mail
fault-bad-codice-fiscale = un codice fiscale ha sedici fra lettere e cifre
fault-phone-needed = serve un numero o un indirizzo e-mail per il canale scelto
fault-bad-name = non è un nome valido: lettere minuscole, cifre e trattini, da 2 a 40
fault-bad-endpoint = ci vuole almeno un indirizzo, scritto come nome:porta
fault-out-of-range = deve essere un numero intero da { $min } a { $max }
fault-keyring-not-planned = il portachiavi del sistema non è previsto: si può scrivere credential oppure passphrase
fault-only-with-credential = vale solo con source = "credential": toglila
fault-bad-recipient = non è una chiave pubblica age: comincia con age1, e la dà «raccordo-agent backup new-key FILE»
fault-holds-name = sembra esserci il nome di una persona: scrivi che cos'è per lei («la figlia», «l'assistente sociale»). Se hai controllato e non è così, ripeti con --checked
fault-holds-phone = sembra esserci un numero di telefono: quello di lei va solo nella parte riservata, quello di un servizio in recapito_servizio (o in --telefono). Se hai controllato e non è così, ripeti con --checked
fault-holds-contact = sembra esserci un indirizzo e-mail o un profilo: quello di lei va solo nella parte riservata, quello di un servizio in recapito_servizio (o in --telefono). Se hai controllato e non è così, ripeti con --checked
fault-holds-address = sembra esserci un indirizzo o un luogo preciso: scrivi «in zona», o togli. Se hai controllato e non è così, ripeti con --checked
fault-holds-codice-fiscale = sembra esserci un codice fiscale: va solo nella parte riservata, se serve. Se hai controllato e non è così, ripeti con --checked
fault-holds-document = sembra esserci il numero di un documento: scrivi solo di quale documento si tratta. Se hai controllato e non è così, ripeti con --checked
fault-holds-birth = sembra esserci una data di nascita: basta la fascia d'età. Se hai controllato e non è così, ripeti con --checked
fault-recognisable = insieme questi dati possono renderla riconoscibile in un territorio piccolo: { $campi }. Togli quelli che non servono; se servono tutti, ripeti con --checked
fault-unknown = non va bene (codice { $code })

## Posta in uscita

kind-segnalazione = segnalazione
kind-parte-riservata = parte riservata
kind-riscontro = riscontro
kind-presa-in-carico = presa in carico
outbox-empty = Nessuna lettera in uscita.
outbox-row = { $codice }  { $kind } → { $ufficio }: { $state }
outbox-queued = in coda: { $reason }, dal { $since }
outbox-delivered = consegna confermata, { $since }
outbox-read = lettura confermata, { $since }
outbox-taken = presa in carico, { $since }
outbox-blocked = Consegna non riuscita: { $reason }, dal { $since }. Tocca a: { $turn }.
outbox-unknown = stato sconosciuto
outbox-can-disclose = Si può inviare la parte riservata: raccordo-agent case disclose { $codice } --to { $ufficio }

reason-none = in attesa di partire
reason-unknown = { $code }
reason-gateway-unreachable = il gateway non è raggiungibile
reason-unspecified = motivo non indicato
reason-unauthenticated = il certificato non è stato riconosciuto
reason-not-allowed = l'invio a { $ufficio } non è permesso dalla rubrica della rete o dalle autorizzazioni
reason-agency-revoked = { $ufficio } non fa più parte della rete
reason-agency-suspended = { $ufficio } è sospeso dalla rete
reason-agency-evicted = { $ufficio } aveva una macchina le cui chiavi non valgono più: quando se ne iscrive un'altra, qualcuno qui dovrà confermarla
reason-agency-banned = { $ufficio } è fuori dalla rete per sempre
reason-directory-stale = la rubrica della rete va aggiornata
reason-in-transmission = in viaggio, in attesa della conferma
reason-directory-expired = la rubrica della rete è scaduta
reason-membership-changed = { $ufficio } non è più tra gli uffici dell'équipe
reason-unknown-recipient = { $ufficio } non ha un agente attivo nella rubrica della rete
reason-recipient-absent = { $ufficio } non è collegato
reason-superseded = questo agente risulta collegato da un'altra parte
reason-too-large = la lettera è troppo grande
reason-too-many = sono partite troppe lettere in poco tempo
reason-busy = il gateway è occupato, si riproverà in automatico
reason-malformed = { $ufficio } non ha potuto leggere la busta
reason-version = { $ufficio } usa un'altra versione
reason-suite = { $ufficio } usa un'altra cifratura
reason-signature = la firma non è stata accettata
reason-unknown-key = { $ufficio } ha cambiato chiave, si riproverà in automatico
reason-expired-key = la chiave di { $ufficio } è scaduta, si riproverà in automatico
reason-out-of-time = gli orologi dei due computer segnano ore diverse
reason-replayed = la busta era già arrivata, si riproverà in automatico
reason-decryption = { $ufficio } non ha potuto aprire la busta
reason-padding = { $ufficio } non ha potuto leggere la busta
reason-inconsistent = la busta non corrisponde a chi l'ha inviata
reason-kind-not-allowed = { $ufficio } non accetta ancora questo tipo di lettera
reason-key-changed = la chiave di { $ufficio } è cambiata
reason-no-space = { $ufficio } non ha più spazio nel suo archivio
reason-read-only = l'archivio di { $ufficio } è in sola lettura
reason-equivocation = { $ufficio } ha già ricevuto una lettera diversa con lo stesso identificativo
reason-not-accepted = { $ufficio } non ha accettato la busta

turn-network = amministrazione della rete
turn-recipient = { $ufficio }
turn-office = chi amministra Raccordo nel vostro ufficio
turn-author = chi ha scritto la segnalazione, che può verificare le autorizzazioni; poi l'amministrazione della rete
turn-key = una persona referente del vostro ufficio: telefona a { $ufficio }, al numero che conoscete già, fatti leggere le parole della loro chiave e confrontale con «raccordo-agent office keys»

## Chiavi degli altri uffici

keys-own = Le parole di questo ufficio, da leggere a chi telefona per confermarne la chiave: { $words }
keys-none = Nessun ufficio aspetta una conferma.
keys-office = { $ufficio } ha una chiave nuova. Le sue parole: { $words }
keys-accept = Per confermarla: raccordo-agent office accept-key { $id } --words "…"
keys-accept-case = Per inviarle la parte riservata della pratica { $codice }: raccordo-agent office accept-key { $id } --case { $codice } --words "…"
keys-how = Telefona all'ufficio, al numero che conoscete già e non a uno arrivato adesso: devono leggerti loro le parole, che vedono con «raccordo-agent office keys». Scrivi quelle che senti.

## Posta in arrivo

inbox-empty = Nessuna pratica in arrivo.
inbox-row = { $codice }  da { $sender }  { $urgenza }  arrivata { $since }  { $state }
office-state-unspecified = da leggere
office-state-consegnata = da leggere
office-state-riscontrata = riscontro dato
office-state-presa-in-carico = presa in carico
urgenza-unspecified = —
urgenza-ordinaria = ordinaria
urgenza-urgente = URGENTE (e telefona comunque)

## Una pratica

show-case = Pratica { $codice }
show-letter = { $kind } di { $sender } ({ $operator }), { $since }
riservata-later = Scritta o corretta il { $since }: non è il testo annunciato con la segnalazione
show-recipients = Possono leggerla solo: { $uffici }; chi gestisce la rete no
show-field = { $label }: { $value }
show-yes = sì
show-no = no
kind-unspecified = lettera

label-tipo-richiesta = Richiesta
label-programma = Programma
label-urgenza = Urgenza
label-aree-richieste = Aree
label-bisogno = Di che cosa ha bisogno
label-recapito-servizio = Telefono del servizio che segnala
label-in-carico = Presa in carico della rete antiviolenza
label-fascia-eta = Fascia d'età
label-cittadinanza = Cittadinanza
label-figli-minori = Figli minori
label-figli-eta = Età dei figli
label-condizione = Condizione lavorativa
label-da-oltre-12-mesi = Da oltre 12 mesi
label-titolo-studio = Titolo di studio
label-lingua = Lingua
label-serve-mediazione = Serve una mediatrice
label-disponibilita-oraria = Disponibilità oraria
label-competenze = Competenze
label-obiettivi = Obiettivi
label-avvio-proposto = Avvio proposto
label-nome = Nome
label-cognome = Cognome
label-data-nascita = Data di nascita
label-codice-fiscale = Codice fiscale
label-recapiti-da-non-usare = Recapiti da non usare
label-credenziali = Credenziali digitali a rischio
label-domicilio-protetto = Domicilio protetto
label-sedi-ok = Sedi dove può andare in sicurezza
label-sedi-da-evitare = Sedi da evitare
label-note-sicurezza = Note di sicurezza
label-chi-segue = La segue
label-telefono = Telefono
label-entro-il = Rispondono entro il
label-testo = Testo

tipo-richiesta-unspecified = —
tipo-richiesta-inserimento-nel-programma = inserimento nel programma
tipo-richiesta-servizi-cpi = servizi del centro per l'impiego
tipo-richiesta-altro-servizio = altro servizio
area-unspecified = —
area-lavoro = lavoro
area-mantenimento-lavoro = mantenimento del lavoro
area-formazione = formazione
area-autoimprenditorialita = autoimprenditorialità
area-abitare = abitare
area-conciliazione = conciliazione
area-sostegno-economico = sostegno economico
stato-in-carico-unspecified = non indicata
stato-in-carico-in-corso = in corso
stato-in-carico-conclusa = conclusa
in-carico-until = { $state }, { $value }
word = { $value ->
    [IT] italiana
    [UE] di un altro Paese dell'Unione europea
    [EXTRA_UE] di un Paese fuori dall'Unione europea
    [OCCUPATA_TI] occupata a tempo indeterminato
    [OCCUPATA_TD] occupata a tempo determinato
    [PRECARIA] precaria
    [AUTONOMA] autonoma
    [IN_CONGEDO] in congedo
    [DISOCCUPATA] disoccupata
    [INOCCUPATA] inoccupata
    [INATTIVA] inattiva
    [NON_RILEVATA] non rilevata
    [ORA] ora
    [DA_CONCORDARE] da concordare
    [SI] sì
    [NO] no
    [NON_SO] non so
    [TUTTI_QUELLI_IN_ARCHIVIO] tutti quelli in archivio
   *[other] { $value }
}

## Che cosa è stato fatto

done-segnalata = Segnalazione { $codice } scritta, firmata e al sicuro in questo ufficio.
done-territory = Territorio { $comune } → équipe «{ $equipe }».
done-recipients = Possono leggerla solo: { $uffici }; chi gestisce la rete no.
done-delivered = Consegnata a: { $uffici }.
done-riscontro = Riscontro della pratica { $codice } scritto e firmato.
done-take = Presa in carico della pratica { $codice } scritta e firmata.
done-disclose = Parte riservata della pratica { $codice } scritta e firmata per { $ufficio }.
done-export = Pratica { $codice } scritta in { $file }: contiene dati riservati, conservala con cura.
done-operator = { $name } può agire da ora con lo pseudonimo { $pseudonym }.
done-erase = La pratica { $codice } è cancellata da questo ufficio. Le copie di sicurezza già fatte la contengono finché non scadono.
done-erase-tombstones = ATTENZIONE: accanto alle copie di sicurezza non è stato scritto che la pratica è cancellata ({ $reason }). Rimedia e fai «raccordo-agent backup now»: altrimenti un ripristino la riporterebbe.
done-accept-key = La chiave nuova di { $ufficio } è confermata: ciò che aspettava parte da solo.
done-passphrase = La frase segreta è cambiata. Una copia vecchia di unlock.bin si apre ancora con quella di prima: se ne hai, distruggile.
done-backup-key = Chiave delle copie di sicurezza scritta in { $file }. Nella configurazione dell'agente va solo questa parte, con la cartella delle copie (folder):
done-backup-key-away = Il file { $file } apre tutte le copie: non lasciarlo su questo computer. Mettilo su due chiavette in due luoghi chiusi, prova a rileggerlo, e cancellalo da qui. Senza, le copie non servono a nulla.
done-backup = Copia di sicurezza scritta in { $file }: { $records } registrazioni.
done-backup-removed = { $count ->
    [one] Tolta una copia vecchia.
   *[other] Tolte { $count } copie vecchie.
}
done-backup-identity = Questa copia contiene anche la chiave d'identità dell'ufficio: chi la apre può firmare al vostro posto.
done-restore = Ripristinata la copia del { $at }: { $records } registrazioni.
done-restore-erased = { $count ->
    [0] Nessuna pratica lasciata fuori.
    [one] Una pratica lasciata fuori, perché era stata cancellata.
   *[other] { $count } pratiche lasciate fuori, perché erano state cancellate.
}
done-restore-aside = L'archivio che c'era è stato messo da parte in { $folder }. Quando non serve più, cancella quella cartella: finché c'è, le pratiche che cancelli da ora in poi vi restano leggibili.
done-restore-damaged = Messi da parte nella stessa cartella, perché danneggiati o perché non si aprono più: { $files }.
done-restore-identity = La chiave d'identità dell'ufficio viene dalla copia.
done-restore-enrol = Qui non c'è una chiave d'identità, e la copia non la contiene: prima di ripartire questo ufficio va iscritto di nuovo alla rete, e gli altri uffici dovranno confermare la chiave nuova.
done-restore-next = Ora avvia l'agente: da solo chiede agli altri uffici ciò che è passato dopo la copia. Ciò che dopo la copia era scritto solo qui (autorizzazioni, chi non deve sapere) è perso: per chi era ancora in attesa si fa una nuova segnalazione.

## Come sta l'agente

status-office = Ufficio { $agency }, rete { $network }
status-directory = Rubrica della rete, versione { $version }
status-attached = Collegato al gateway
status-detached = Non collegato al gateway: { $reason }
status-queued = { $count ->
    [0] Nessuna lettera in coda
    [one] Una lettera in coda
   *[other] { $count } lettere in coda
}
status-directory-rival = ATTENZIONE: esiste un'altra rubrica della rete con lo stesso numero di versione, firmata anche lei (vista il { $seen }). Finché l'amministrazione della rete non ne firma una nuova che lo risolve, da qui non parte niente: telefonale.
status-forked = ATTENZIONE: di { $count } lettere il mittente ha firmato due versioni diverse. Non vengono mostrate: avvisa l'amministrazione della rete.
status-put-back = ATTENZIONE: la cartella dei dati di questo ufficio era stata rimessa da una copia più vecchia (notato il { $at }). Ciò che mancava è stato chiesto agli altri uffici. Controlla le lettere non consegnate; e di' al tuo servizio informatico di usare «raccordo-agent restore», non copie del disco.
status-differing = ATTENZIONE: { $ufficio } dice di avere un'altra lettera di { $mittente } al posto di una che è qui. Telefona a tutti e due: uno dei due ha un guasto, o non dice il vero.
status-rejections = Rifiuti registrati (lettere altrui o gateway): { $list }
status-gaps = { $count ->
    [one] In una conversazione manca una lettera: è stata chiesta di nuovo a chi l'ha scritta.
   *[other] In { $count } conversazioni manca una lettera: sono state chieste di nuovo a chi le ha scritte.
}
status-keys = Aspettano una conferma, perché la loro chiave è cambiata: { $uffici }. Come fare: raccordo-agent office keys
status-no-backup = ATTENZIONE: di questo ufficio non si fanno copie di sicurezza. Se il disco si rompe, si perde tutto: aggiungi la sezione [backup] alla configurazione.
status-backup = Ultima copia di sicurezza: { $at }
status-backup-none-yet = Nessuna copia di sicurezza ancora.
status-backup-fault = ATTENZIONE: l'ultima copia di sicurezza non è riuscita: { $reason }
reason-own-unknown = { $code }
reason-own-agency-suspended = questo ufficio è sospeso dalla rete. Le sue chiavi restano: quando l'amministrazione lo riammette si ricollega da solo
reason-own-agency-evicted = le chiavi di questa macchina non valgono più. L'ufficio può iscriversi di nuovo subito, con chiavi nuove
reason-own-agency-revoked = questo ufficio è stato tolto dalla rete. Per rientrare serve una nuova ammissione
reason-own-agency-banned = questo ufficio è stato escluso dalla rete per sempre
link-unreachable = nessuna risposta
link-tls = la connessione protetta non riesce: controlla certificato e orologio

## Diagnosi (doctor)

light-green = [  bene  ]
light-yellow = [ occhio ]
light-red = [ guasto ]
doctor-who-office = → Tocca a voi, in questo ufficio: a chi amministra questo computer.
doctor-who-it = → Tocca a chi cura i computer e la rete del vostro ente. La lettera da dargli: raccordo-agent doctor --letter FILE
doctor-who-network = → Tocca a chi amministra la rete Raccordo: telefonagli.
doctor-all-good = Tutto a posto.
doctor-works = Funziona; le voci segnate «occhio» vogliono uno sguardo.
doctor-broken = Qualcosa non va: comincia dalla prima voce segnata «guasto». Ciò che è già scritto è al sicuro qui, e parte da solo quando si può.
doctor-agent-attached = L'agente è in funzione e collegato al gateway.
doctor-agent-detached = L'agente è in funzione, ma non è collegato al gateway: { $reason }.
doctor-agent-waits = L'agente è in funzione ma non ancora collegato: il gateway risponde, e l'agente riprova da solo entro cinque minuti.
doctor-agent-stopped = L'agente di questo ufficio non è in funzione: avvialo con «raccordo-agent serve».
doctor-agent-forbidden = L'agente è in funzione, ma questo utente del computer non può parlargli.
doctor-clock-good = L'orologio del computer è giusto.
doctor-clock-off = L'orologio del computer è { $side ->
    [ahead] avanti
   *[other] indietro
} di circa { $minutes } minuti: va regolato, o sincronizzato da solo.
doctor-clock-wrong = L'orologio del computer è { $side ->
    [ahead] avanti
   *[other] indietro
} di circa { $minutes } minuti: finché è così non parte e non arriva nulla.
doctor-clock-behind = L'orologio del computer è indietro: per lui certificato o rubrica non valgono ancora.
doctor-clock-unknown = L'orologio si può controllare solo quando il gateway risponde.
doctor-gateway-answers = Il gateway { $host }:{ $port } risponde, ed è quello della nostra rete.
doctor-gateway-no-name = Il nome { $host } (porta { $port }) non porta a nessun indirizzo: il DNS di questa rete non lo conosce, oppure non c'è collegamento a Internet.
doctor-gateway-refused = A { $host }:{ $port } non c'è nessun programma in ascolto: il gateway è fermo, oppure un firewall respinge la connessione.
doctor-gateway-silent = { $host }:{ $port } non risponde: di solito un firewall trattiene la connessione in uscita.
doctor-gateway-cut = La connessione a { $host }:{ $port } viene interrotta mentre comincia: di solito è un filtro lungo la strada.
doctor-gateway-not-tls = A { $host }:{ $port } risponde qualcosa che non è il gateway: un proxy, o la pagina di accesso di una rete.
doctor-gateway-no-agreement = Con { $host }:{ $port } non si trova un accordo sulla connessione protetta (TLS 1.3 con X25519MLKEM768): di solito è un apparato che la ispeziona.
doctor-gateway-inspected = La connessione a { $host }:{ $port } viene aperta e ispezionata lungo la strada: il certificato non è della nostra rete, lo firma «{ $issuer }». Raccordo così non si collega, e fa bene.
doctor-gateway-dates = Il certificato del gateway { $host }:{ $port } è fuori dalle sue date: è scaduto, oppure l'orologio di questo computer sbaglia.
doctor-gateway-unjudged = { $host }:{ $port } accetta la connessione; per sapere se è il gateway giusto ripeti con l'utente che fa funzionare l'agente.
doctor-gateway-other = A { $host }:{ $port } risponde il gateway di un'altra rete Raccordo («{ $issuer }»): l'indirizzo nella configurazione è sbagliato.
doctor-proxy-unused = Su questo computer è indicato un proxy ({ $names }); Raccordo non lo usa, e si collega lo stesso.
doctor-proxy-needed = Su questo computer è indicato un proxy ({ $names }): forse da qui si esce solo attraverso di lui. Raccordo si collega direttamente: va aperta un'uscita diretta.
doctor-certificate-good = Il certificato di questa macchina vale ancora { $days } giorni, fino al { $until }.
doctor-certificate-soon = Il certificato di questa macchina scade fra { $days } giorni, il { $until }: va rinnovato.
doctor-certificate-over = Il certificato di questa macchina è scaduto ({ $until }): va rinnovato.
doctor-certificate-not-yet = Il certificato di questa macchina non vale ancora: l'orologio del computer è indietro.
doctor-certificate-forbidden = Questo utente non può leggere il certificato dell'ufficio, e va bene così: per controllarlo ripeti con l'utente che fa funzionare l'agente.
doctor-certificate-anothers = Il certificato di questa macchina è di un altro ufficio, o non va con la sua chiave: rimetti i file dell'attivazione.
doctor-certificate-unreadable = Il certificato di questa macchina non si legge: manca, è danneggiato, o questo utente non può aprirlo.
doctor-identity-good = La chiave d'identità dell'ufficio vale ancora { $days } giorni, fino al { $until }.
doctor-identity-soon = La chiave d'identità dell'ufficio scade fra { $days } giorni, il { $until }: va rinnovata.
doctor-identity-over = La chiave d'identità dell'ufficio è scaduta ({ $until }).
doctor-identity-not-in = Nella rubrica della rete questo ufficio non ha una macchina attiva: è sospeso, revocato o non ancora iscritto.
doctor-directory-good = Rubrica della rete: versione { $version }, firmata il { $issued }, vale fino al { $until } ({ $days } giorni).
doctor-directory-soon = Rubrica della rete: versione { $version }, firmata il { $issued }; scade fra { $days } giorni, il { $until }. Va firmata di nuovo.
doctor-directory-over = Rubrica della rete: la versione { $version }, firmata il { $issued }, è scaduta il { $until }. Si riceve e si risponde, ma non partono segnalazioni nuove.
doctor-directory-rival = Esiste un'altra rubrica della rete con lo stesso numero di versione, firmata anche lei (vista il { $seen }): da qui non parte niente finché non ne arriva una nuova che lo risolve.
doctor-directory-unconfirmed = Rubrica della rete: versione { $version }. Nessuno la conferma dal { $until }: prima di ogni segnalazione nuova viene chiesto di ricontrollare.
doctor-directory-none = Qui non c'è ancora una rubrica della rete.
doctor-directory-unknown = La rubrica della rete si può controllare solo quando l'agente è in funzione.
doctor-disk-good = Spazio libero sul disco: { $mib } MiB.
doctor-disk-low = Sul disco restano { $mib } MiB liberi: fai posto.
doctor-disk-full = Sul disco restano solo { $mib } MiB liberi: fra poco l'ufficio non potrà più ricevere né scrivere.
doctor-disk-unknown = Non si riesce a sapere quanto spazio è libero sul disco.
doctor-backup-good = Ultima copia di sicurezza: { $at }.
doctor-backup-old = L'ultima copia di sicurezza è di più di una settimana fa: { $at }.
doctor-backup-none-yet = Le copie di sicurezza sono previste, ma non ce n'è ancora una.
doctor-backup-none = Di questo ufficio non si fanno copie di sicurezza: se il disco si rompe si perde tutto. Aggiungi [backup] alla configurazione.
doctor-backup-failed = L'ultima copia di sicurezza non è riuscita: «raccordo-agent status» dice perché.
failure-letter = Non riesco a scrivere la lettera in { $file }: { $detail }
done-letter = Lettera scritta in { $file }: rileggila, e dalla a chi cura i computer e la rete.
letter-nothing = oggi non abbiamo trovato impedimenti: la richiesta vale per il futuro
letter =
    Data: { $day }
    A chi cura i computer e la rete dell'ente

    Oggetto: uscita diretta per il programma Raccordo

    Su un computer del nostro ufficio funziona Raccordo, il programma con cui
    gli uffici di una rete di servizi si scrivono. Per funzionare apre una sola
    connessione, in uscita, e non ne riceve. Va verso:

    { $endpoints }

    Chiediamo per favore di:

    1. permettere questa connessione TCP in uscita, diretta, senza proxy;
    2. non aprirla e non ispezionarla (TLS inspection): è TLS 1.3 con certificati
       della rete Raccordo ai due capi e con lo scambio di chiavi X25519MLKEM768.
       Un certificato diverso viene rifiutato, e il programma non si collega;
    3. lasciar passare intero il primo messaggio di TLS, che è più grande del solito:
       il solo scambio di chiavi sono 1.216 byte;
    4. non chiuderla quando è silenziosa: resta aperta tutto il giorno, e manda un
       segnale ogni mezzo minuto;
    5. tenere l'orologio del computer sincronizzato (NTP): oltre i dieci minuti di
       differenza non parte e non arriva nulla.

    Che cosa abbiamo trovato oggi da questo computer:

    { $found }

    Il contenuto è cifrato da ufficio a ufficio. Non serve aprire porte in entrata.
    Per provare di nuovo: raccordo-agent doctor

## Stampa

sheet-lang = it
sheet-title = Raccordo – servizi in rete
sheet-letter = { $kind } di { $sender }, { $since }
sheet-printed = Pagina fatta il { $day }.
sheet-no-content = Questo foglio non contiene bisogni né nomi: dice solo quali lettere ci sono, tra chi, quando, ed entro quando si risponde. Se un altro ufficio del vostro ente non deve sapere di questa pratica, non metterlo in un protocollo comune.
sheet-destroy = Contiene dati riservati. Non lasciarlo in vista, non allegarlo a un protocollo, non fotografarlo; distruggilo appena non serve più.
done-sheet = Foglio della pratica { $codice } scritto in { $file }: aprilo con un browser e stampalo. Non contiene bisogni né nomi.
done-scheda = Scheda della pratica { $codice } scritta in { $file }: aprila con un browser e stampala. Contiene dati riservati: cancella il file quando hai stampato.
failure-file-exists = { $file } c'è già: non viene sovrascritto.

## Frase segreta

ask-passphrase = Frase segreta dell'archivio:
ask-passphrase-new = Nuova frase segreta dell'archivio (almeno { $min } caratteri):
ask-passphrase-again = Ancora una volta:

## Aiuto della riga di comando

help-usage = Uso:
help-commands = Comandi
help-options = Opzioni
help-help = Mostra questo aiuto
help-version = Mostra la versione
help-root = Raccordo: l'agente di un ufficio
help-serve = Fa funzionare l'agente di questo ufficio. Con source = "passphrase" chiede la frase segreta; senza un terminale la legge dalla prima riga dello standard input
help-segnala = Invia una segnalazione: all'équipe (--comune o --equipe), a un CPI, a un altro ufficio
help-inbox = Le pratiche in arrivo
help-inbox-list = Elenca le pratiche in arrivo
help-inbox-show = Mostra una pratica
help-inbox-riscontro = «L'abbiamo letta»: dice chi la segue ed entro quando si risponde
help-inbox-take = «Ce ne occupiamo noi per la nostra parte»
help-outbox = Le lettere inviate e, per ogni ufficio, a che punto sono
help-case = Una pratica
help-case-export = Scrive una pratica in un file, con le prove di consegna
help-case-disclose = Invia la parte riservata a un ufficio
help-case-erase = Cancella per sempre una pratica da questo ufficio
help-office = Gli altri uffici
help-office-keys = Gli uffici che hanno una chiave nuova, con le sue parole
help-office-accept-key = Conferma la chiave nuova di un ufficio
help-backup = Le copie di sicurezza
help-backup-new-key = Crea la chiave che apre le copie: da fare su un altro computer
help-backup-now = Fa una copia adesso
help-restore = Ripristina questo ufficio da una copia, ad agente fermo
help-unlock = Come si apre l'archivio
help-unlock-change-passphrase = Cambia la frase segreta, ad agente fermo. Senza un terminale: la prima riga dello standard input è quella di ora, la seconda la nuova
help-operator = Chi può agire in questo ufficio
help-operator-add = Aggiunge una persona
help-status = Mostra lo stato dell'agente
help-watch = Mostra che cosa succede: una riga JSON per evento
help-arg-config = File di configurazione (oppure RACCORDO_CONFIG)
help-arg-dev = Per le prove: ammette le reti .invalid
help-arg-json = Risponde con un oggetto JSON
help-arg-lang = Lingua delle frasi: it o en
help-arg-operator = Agisce con questo pseudonimo (solo con --dev)
help-arg-record-link = Scrive in un file le buste inviate (solo con --dev)
help-arg-form = Il modulo, in un file TOML
help-arg-equipe = L'équipe a cui si invia
help-arg-comune = Dove la donna può andare in sicurezza: il comune, per nome o codice ISTAT. Resta su questo computer
help-arg-cpi = Il CPI a cui si chiedono i servizi dovuti a tutti (SERVIZI_CPI)
help-arg-ufficio = Un altro ufficio (ALTRO_SERVIZIO)
help-arg-wait = Aspetta le conferme di consegna, al massimo 60 secondi
help-arg-checked = Ho controllato: invia anche se il programma crede di vedere nomi, recapiti o altri dati che dicono chi è
help-arg-codice = Il codice della pratica
help-arg-chi-segue = Chi la segue: un ruolo, non un nome
help-arg-telefono = Il telefono dell'ufficio
help-arg-entro = Entro quando si risponde: AAAA-MM-GG
help-arg-testo = Testo libero
help-arg-out = Il file da scrivere
help-arg-to = L'ufficio
help-arg-name = Il nome della persona, che non esce da questo ufficio
help-arg-uid = Il suo numero di utente su questo computer
help-arg-ruolo = Il suo ruolo; si può ripetere
help-arg-pseudonym = Lo pseudonimo, scelto invece che a caso (solo con --dev)
help-arg-until = Finisce quando succede questo: EVENTO o EVENTO:UFFICIO
help-arg-timeout = Quanti secondi aspettare
help-arg-yes = Cancella davvero; senza, dice solo che cosa succederebbe
help-arg-office = L'ufficio
help-arg-words = Le parole della chiave, come le legge quell'ufficio
help-arg-case = Una pratica di cui inviargli anche la parte riservata
help-arg-with-identity = Mette nella copia anche la chiave con cui l'ufficio firma: chi apre la copia può firmare al vostro posto
help-arg-file = La copia
help-arg-identity = Il file con la chiave che apre le copie
help-arg-tombstones = Un altro file di pratiche cancellate, oltre a quelli accanto alla copia
help-arg-without-tombstones = Ripristina anche ciò che era stato cancellato dopo la copia
help-arg-set-aside = Mette da parte l'archivio che c'è, e ciò che è danneggiato

done-request = Richiesta scritta: { $file }. Mandala all'amministrazione della rete; le chiavi restano in questa cartella.
done-request-words = Parole di questa macchina: { $words }. Leggile al telefono a chi approva la richiesta.
done-activate = Questo computer è ora dell'ufficio «{ $agency }»: { $config }. Per farlo funzionare: raccordo-agent --config { $config } serve
done-activate-words = Parole della rete: { $words }. Prima di usarla chiedi all'amministrazione, al telefono, se sono queste: altrimenti è la rete di qualcun altro.
failure-already-active = In { $folder } c'è già un agente attivo (agent.toml): per un'altra macchina serve un'altra cartella; per il prossimo certificato di questa, --renew.
failure-keys-there = In questa cartella c'è già { $file }, ma non la richiesta che ne parlerebbe: le chiavi non si sovrascrivono, e nulla è stato scritto. Se una richiesta è già stata mandata all'amministrazione, rimetti qui la sua copia (request.bin); se non è mai stata mandata, chi gestisce questo computer può togliere identity.seed e key.pem e ripetere il comando.
failure-no-request = In { $folder } non c'è una richiesta: prima «raccordo-agent enrol --request FILE».
failure-request-damaged = { $file } è danneggiato ({ $fault }): cancella la cartella e fai una richiesta nuova.
failure-activation-of-another = { $file } risponde alla richiesta di un'altra macchina ({ $fault }): nulla è stato scritto. L'amministrazione deve mandare l'attivazione di questa richiesta.
failure-activation-tampered = { $file } non è l'attivazione che è partita: è stata cambiata o rovinata per strada, o è scaduta ({ $fault }). Nulla è stato scritto. L'amministrazione deve rimandarla.
failure-network-words = Le parole della rete sono altre ({ $words }): o sono state lette male, o l'attivazione è di qualcun altro. Nulla è stato scritto. Richiama l'amministrazione a un numero che conosci già.
failure-no-gateway-listed = L'attivazione non nomina nessun gateway: l'amministrazione deve aggiungerlo (raccordo-admin gateway add), firmare di nuovo la rubrica e approvare di nuovo la richiesta. Nulla è stato scritto.
failure-enrolment-file = Non riesco a leggere o scrivere { $file }: { $detail }
failure-keys-gone = La chiave { $file } manca, o non è quella della richiesta di questa cartella: l'attivazione non servirebbe a nulla, e nulla è stato scritto. Rimetti il file; se è perso, fai una richiesta nuova in una cartella nuova, e avvisa l'amministrazione della rete.
failure-enrolment-too-large = { $file } è troppo grande: non è un'attivazione di Raccordo.
help-enrol = Crea le chiavi di questo computer e scrive la richiesta per l'amministrazione della rete
help-activate = Prende la risposta dell'amministrazione e scrive la configurazione
help-arg-request = Il file in cui scrivere la richiesta
help-arg-folder = La cartella dell'agente di questo ufficio
help-arg-answer = L'attivazione mandata dall'amministrazione
help-arg-passphrase = L'archivio si aprirà con una frase segreta, e non con un file
help-doctor = Controlla orologio, rete, certificato, rubrica, disco e copie, e dice a chi tocca rimediare
help-case-show = Mostra una pratica, scritta o ricevuta
help-case-sheet = Scrive una pratica come pagina da stampare: un foglio senza contenuto, oppure con --scheda tutto ciò che qui si può leggere
help-arg-letter = Scrive qui una lettera per chi cura i computer e la rete dell'ente
help-arg-scheda = Con tutto il contenuto che questo ufficio può leggere
done-manual = Pagine del manuale scritte in { $folder }.
failure-manual = Non riesco a scrivere le pagine del manuale in { $folder }: { $detail }
help-completions = Scrive sullo standard output il completamento dei comandi per una shell
help-arg-shell = La shell
help-man = Scrive le pagine del manuale (man), una per comando
help-arg-manual = La cartella in cui scriverle
done-disabled = { $pseudonym } da ora non può più fare nulla in questo ufficio. Ciò che ha scritto resta, con il suo pseudonimo; le sue pratiche le vede chi è referente.
no-operators = In questo ufficio nessuno può ancora agire: «raccordo-agent operator add».
operator-line = { $pseudonym }  { $name }  utente { $uid }  { $ruoli }
operator-disabled = { $pseudonym }  { $name }  utente { $uid }  { $ruoli }  (non può più agire)
help-operator-list = Elenca le persone di questo ufficio
help-operator-disable = Toglie a una persona tutto ciò che può fare; ciò che ha scritto resta
help-arg-whom = Il suo pseudonimo

done-renewal-request = Richiesta di rinnovo scritta: { $file }. Mandala all'amministrazione della rete: non c'è nulla da leggere al telefono, la firma la chiave d'identità di questo computer. L'agente va avanti con il certificato di adesso.
done-renewal = Certificato di «{ $agency }» rinnovato: vale dal prossimo collegamento, e non serve riavviare l'agente.
failure-not-active = In { $folder } non c'è un agente attivo (agent.toml): un primo certificato si chiede senza --renew.
failure-not-started = L'agente di { $folder } non è mai partito: fallo partire una volta, poi ripeti il comando.
failure-no-renewal = In { $folder } c'è già un agente attivo (agent.toml), e nessuna richiesta di rinnovo aspetta una risposta: prima «raccordo-agent enrol --renew --request FILE». Nulla è stato scritto.
failure-renewal-other-trust = { $file } viene da una rete con altre chiavi di amministrazione (parole: { $words }): nulla è stato scritto. Se l'amministrazione le ha cambiate, chiedile le parole al telefono e ripeti con --words.
help-arg-renew = Chiede il prossimo certificato di questo computer, che è già attivo

done-deposit = Richiesta di «{ $agency }» depositata al gateway. Parole di questa macchina: { $words }. Leggile al telefono all'amministrazione della rete, a un numero che conosci già. Poi questo programma aspetta la risposta: si può interrompere (Ctrl+C) e ripetere lo stesso comando.
done-enrol-online = Questo computer è ora dell'ufficio «{ $agency }»: { $config }. Da domani per farlo funzionare: raccordo-agent --config { $config } serve
note-gateway-silent = Il gateway { $gateway } non risponde ancora ({ $detail }): continuo a provare.
failure-invitation-unreadable = { $file } non è un invito, o non è tutto ({ $fault }): chiedi all'amministrazione di mandarlo di nuovo. Nulla è stato fatto.
failure-invitation-ended = L'invito di «{ $agency }» è scaduto: dopo 72 ore non vale più. L'amministrazione deve farne un altro (agency invite). Le chiavi di questa cartella restano.
failure-invitation-unknown = Il gateway { $gateway } non conosce questo invito ({ $detail }): non è ancora nella rubrica che ha, o è stato ritirato o sostituito. L'amministrazione deve firmare e consegnare la rubrica (directory sign, directory publish), o fare un altro invito.
failure-invitation-spent = Con questo invito è già stata depositata un'altra richiesta ({ $detail }): un invito vale per una macchina sola. Se l'hai fatta tu in un'altra cartella, vai avanti da quella; altrimenti avvisa subito l'amministrazione, e chiedi un altro invito.
failure-invitation-gateway = Chi risponde a { $gateway } non è il gateway dell'invito ({ $detail }): non gli è stato dato nulla. Avvisa l'amministrazione.
failure-deposit-refused = Il gateway { $gateway } rifiuta la richiesta ({ $detail }). L'amministrazione deve guardare perché, con chi gestisce il gateway.
failure-enrolment-rejected = L'amministrazione non ha ammesso questa macchina. Il motivo: «{ $reason }». Per provare di nuovo servono un altro invito e una cartella nuova.
failure-answer-not-believed = La risposta non viene dall'amministrazione dell'invito ({ $fault }), e nulla è stato scritto. Avvisala: il gateway ha consegnato qualcosa che non è suo.
failure-answer-other-trust = Dopo l'invito l'amministrazione ha cambiato le sue chiavi (parole della rete: { $words }), oppure la risposta è di qualcun altro: nulla è stato scritto. Chiedi le parole all'amministrazione, al telefono; se sono queste, ripeti con --words.
help-arg-invitation = L'invito dell'amministrazione: la richiesta va al gateway e la risposta arriva da lì; «-» lo legge dallo standard input
help-arg-network-words = Le parole della rete, lette al telefono
help-arg-no-serve = Finisce quando questo computer è ammesso, senza far partire l'agente

status-directory-changes = { $count ->
    [one] Questa versione ha cambiato una cosa: «raccordo-agent directory»
   *[other] Questa versione ha cambiato { $count } cose: «raccordo-agent directory»
}
directory-none = Non c'è ancora una rubrica.
directory-is = Rubrica versione { $version }, firmata il { $issued }, scade il { $expires }
directory-looked-after = Seguita fino al { $until }
directory-admins = Chiavi di amministrazione: { $admins }; ne servono { $threshold } per firmare
directory-first = È la prima che questo computer ha: non c'è con che cosa confrontarla.
directory-same = Rispetto alla versione { $before } non cambia nulla: una nuova scadenza.
directory-changes = Rispetto alla versione { $before }:
directory-admins-changed = ! Sono cambiate le chiavi di amministrazione, o quante servono per firmare. Se non ne sapete nulla, telefonate all'amministrazione.
directory-create = + { $thing } «{ $id }»: { $name }
directory-change = ~ { $thing } «{ $id }» ({ $name }):
directory-gone = - { $thing } «{ $id }»: { $name }
directory-detail = { $field }: da «{ $from }» a «{ $to }»
directory-territories = comuni che hanno cambiato ambito, nuovi o tolti: { $count }
help-directory = Dice che cosa ha firmato per ultimo l'amministrazione della rete, e che cosa ha cambiato
thing-office = ufficio
thing-equipe = équipe
thing-programme = programma
thing-gateway = gateway
thing-policy = regole
thing-invitation = invito
field-name = nome
field-body = ente
field-kind = tipo
field-ambito = ambito
field-phone = telefono
field-capabilities = facoltà
field-state = stato
field-machines = macchine e chiavi
field-members = componenti
field-required = ruoli obbligatori
field-title = titolo
field-dates = date
field-capofila = capofila
field-agencies = altri uffici
field-endpoints = indirizzi
field-keys = chiavi
field-restrict = solo fra uffici della stessa équipe o dello stesso programma
field-pairs = coppie ammesse
field-limits = limiti (lettere al minuto / byte al giorno)
field-code = codice
field-until = scadenza
