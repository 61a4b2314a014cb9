# Sentences of raccordo-admin. Arguments are names, ids, paths and numbers.

ask-passphrase = Frase segreta delle chiavi della rete:
ask-passphrase-new = Nuova frase segreta per le chiavi della rete (almeno { $min } caratteri):
ask-passphrase-again = Ancora una volta:

thing-office = ufficio
thing-equipe = équipe
thing-programme = programma
thing-gateway = gateway
thing-machine = macchina
thing-territory = comune
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
field-code = codice
field-until = scadenza
field-limits = limiti (lettere al minuto / byte al giorno)

plan-create = + { $thing } «{ $id }»: { $name }
plan-change = ~ { $thing } «{ $id }» ({ $name }):
plan-detail = { $field }: da «{ $from }» a «{ $to }»
plan-gone = - { $thing } «{ $id }»: { $name }
plan-same = = senza cambiamenti: { $count }
plan-territories = comuni: { $created } nuovi, { $changed } cambiati, { $gone } tolti, { $same } come prima
plan-stays = Nel file non ci sono e restano come sono: { $ids }

show-next = Prossima rubrica: versione { $version }
show-directory = Rete { $network }, rubrica versione { $version }, firmata il { $issued }, scade il { $expires }
show-diff = Dalla versione { $from } alla versione { $to }:

done-init = Rete «{ $network }» creata in { $folder }. Le chiavi private sono in admin.key, root.key e issuing.key, chiuse con la frase segreta.
done-draft = Scritto in rete.toml. Vale per la rete solo dopo «raccordo-admin directory sign».
done-plan = Nulla è stato scritto.
done-sign = Rubrica versione { $version } firmata, vale fino al { $expires }: { $file }
done-nothing-to-sign = Nulla è cambiato: la rubrica resta alla versione { $version }. Per una nuova scadenza: «directory sign --renew».

note-one-key = Attenzione: una sola chiave firma per tutta la rete. Chi ha questa cartella e la sua frase segreta decide chi ne fa parte. Va bene per una prova; per una rete vera servono più chiavi, in enti diversi.
note-backup = Copia questa cartella su un disco che resta chiuso a chiave: senza di essa, o senza la frase segreta, la rete non si può più cambiare.

warning-ambito-without-equipe = Avviso: nessuna équipe per l'ambito «{ $ambito }» ({ $count } comuni): da lì non si può segnalare a un'équipe. L'amministrazione può crearla con «equipe create».
warning-ambito-twice = Avviso: l'ambito «{ $ambito }» ha più di un'équipe ({ $equipes }): chi segnala da lì dovrà scegliere.
warning-without-machine = Avviso: senza una macchina, e quindi irraggiungibili: { $offices }. Ogni ufficio deve mandare la sua richiesta (raccordo-agent enrol), e l'amministrazione approvarla.
warning-no-gateway = Avviso: la rete non ha ancora un gateway: serve la richiesta di chi lo gestisce (raccordo-gateway request).

fault-toml = riga { $line }: { $detail }
fault-required = { $place }: manca «{ $key }»
fault-value = { $place }: «{ $value }» non va bene per «{ $key }»
fault-not-allowed = { $place }: «{ $value }» non va bene per «{ $key }»; può essere: { $allowed }
fault-not-taken = { $place }: «{ $key }» non si prende da un file di «apply»: le macchine, i gateway e le loro chiavi vengono dalle richieste («agency approve», «gateway add»), e lo stato di un ufficio nuovo da lì. Chi ha scritto il file deve toglierlo.
fault-role-without-member = équipe «{ $equipe }»: nessun componente ha il ruolo obbligatorio { $role }. L'amministrazione deve aggiungere chi lo ha (equipe add { $equipe } UFFICIO:{ $role }) o togliere l'obbligo da rete.toml.
fault-capofila-in-equipe = ufficio «{ $office }»: è capofila del programma «{ $programme }» e componente dell'équipe «{ $equipe }». Chi valida le spese non può conoscere i nomi: l'amministrazione deve scegliere un altro capofila o toglierlo dall'équipe.
fault-id-changed = ufficio «{ $old }»: qui si chiama «{ $new }». Un identificativo non cambia mai: l'amministrazione deve rimettere «{ $old }»; il nome che le persone leggono si può cambiare.
fault-office-gone = ufficio «{ $office }»: è nella rubrica firmata e qui manca. Un ufficio non si toglie, si sospende o si revoca: l'amministrazione deve rimetterlo nel file, poi «agency suspend» o «agency revoke».
fault-unknown-member = équipe «{ $id }»: l'ufficio «{ $office }» non è in questa rete. L'amministrazione deve correggere il nome o aggiungere l'ufficio.
fault-unknown-in-programme = programma «{ $id }»: l'ufficio «{ $office }» non è in questa rete. L'amministrazione deve correggere il nome o aggiungere l'ufficio.
fault-twice = «{ $id }» c'è due volte ({ $thing ->
    [thing-office] ufficio
    [thing-equipe] équipe
    [thing-programme] programma
    [thing-gateway] gateway
    [thing-territory] comune
   *[other] voce
}): l'amministrazione deve toglierne uno.
fault-key-twice = «{ $one }» e «{ $other }» hanno la stessa chiave: una chiave sta in un posto solo. Uno dei due deve mandare una richiesta nuova.
fault-programme-dates = programma «{ $programme }»: finisce prima di cominciare. L'amministrazione deve correggere le date.
fault-key-back = «{ $new }»: ha una chiave di «{ $old }» che una rubrica firmata dà per revocata. Una chiave revocata non torna: serve una richiesta nuova, con chiavi nuove, e l'amministrazione deve rimettere lo stato REVOKED a quella vecchia.
fault-machine-gone = ufficio «{ $office }»: la macchina «{ $machine }» è nella rubrica firmata e qui manca. Una macchina non si toglie, si revoca: l'amministrazione deve rimetterla con lo stato REVOKED.
fault-two-active = ufficio «{ $office }»: ha più di una macchina attiva. L'amministrazione deve revocare quella che non serve più (stato REVOKED in rete.toml).
fault-too-many-keys = «{ $id }»: ha più di { $max } chiavi TLS. L'amministrazione deve togliere le più vecchie da rete.toml.
fault-too-many-members = équipe «{ $equipe }»: ha più di { $max } componenti. L'amministrazione deve dividerla in due.
fault-member-twice = équipe «{ $equipe }»: l'ufficio «{ $office }» è nominato due volte. L'amministrazione deve scegliere un ruolo solo.
fault-no-endpoint = gateway «{ $gateway }»: non ha indirizzi, e nessuno lo troverebbe. L'amministrazione deve scriverli in rete.toml (endpoints).
fault-csv-header = la prima riga deve essere «codice_istat,ambito» o «codice_istat,ambito,equipe», ed è «{ $header }»
fault-csv-columns = riga { $line }: non ha tante colonne quante l'intestazione: «{ $value }»
fault-csv-comune = riga { $line }: { $value } non è il codice di nessun comune della Lombardia: chi ha scritto l'elenco deve correggerlo
fault-comune = «{ $value }» non è il codice di nessun comune della Lombardia: l'amministrazione deve correggerlo in rete.toml ([territories])
fault-banned-back = ufficio «{ $office }»: è stato messo al bando (BANNED), e per sempre. L'amministrazione deve rimettere lo stato BANNED; se l'ente torna, è un ufficio nuovo, con un altro identificativo.
fault-equipe-id-changed = équipe «{ $old }»: qui si chiama «{ $new }». Un identificativo non cambia mai: l'amministrazione deve rimettere «{ $old }».
fault-programme-id-changed = programma «{ $old }»: qui si chiama «{ $new }». Un identificativo non cambia mai: l'amministrazione deve rimettere «{ $old }»; il titolo si può cambiare.
note-waiting = Avviso: la richiesta di «{ $place }» aspetta ancora. Questa rubrica non le dà un posto, o non ha un gateway: se l'approvazione è stata interrotta, approvala di nuovo e firma.
failure-office-out = L'ufficio «{ $office }» è { $state }: finché lo è non prende parte alla rete, e nulla è stato scritto. Se è sospeso e deve rientrare, «agency resume»; se è revocato, la richiesta nuova si approva con --readmit.
fault-csv-code = riga { $line }: «{ $value }» non è un codice ISTAT di sei cifre
fault-csv-twice = riga { $line }: il codice { $value } c'è già in una riga precedente
fault-csv-ambito = riga { $line }: manca l'ambito del comune { $value }
fault-csv-equipe = riga { $line }: «{ $value }» non è l'équipe che serve quell'ambito in rete.toml

failure-io = Non riesco a leggere o scrivere { $file }: { $detail }
failure-file-unreadable = Non riesco a leggere { $file }: { $detail }
failure-file-too-large = { $file } è troppo grande: al massimo { $max } KiB.
failure-not-text = { $file } non è un file di testo.
failure-faulty-file = { $file } non va bene, e nulla è stato cambiato. Chi ha scritto il file deve correggerlo:
failure-faults = Le regole della rete lo vietano, e nulla è stato cambiato:
failure-draft-unreadable = Così rete.toml non si potrebbe più leggere, e nulla è stato scritto. Chi ha dato il comando deve correggere:
failure-draft-not-kept = Così rete.toml perderebbe qualcosa di ciò che il comando chiede (un nome due volte?), e nulla è stato scritto. Chi ha dato il comando deve correggerlo.
failure-memory-not-private = Il sistema non permette di tenere le chiavi fuori dai file di errore (core dump): { $detail }. Nulla è stato fatto.
failure-no-network = In { $folder } non c'è una rete: manca rete.toml. Indica la cartella con --network, o creane una con «network init NOME».
failure-folder-not-empty = La cartella { $folder } non è vuota: per una rete nuova ne serve una vuota, o che non c'è ancora.
failure-folder-permissions = Altri possono entrare nella cartella { $folder }: deve essere solo tua (chmod 700).
failure-folder-in-use = Un altro comando sta usando la cartella { $folder }: riprova quando ha finito.
failure-network-name = «{ $name }» non può essere il nome di una rete: minuscole, cifre e trattini, da 2 a 40 caratteri.
failure-keys-not-made = Le chiavi non sono state create: { $detail }
failure-passphrase-short = La frase segreta è troppo corta: servono almeno { $min } caratteri.
failure-passphrase-long = La frase segreta è troppo lunga: al massimo { $max } byte.
failure-passphrase-file-permissions = Altri possono leggere { $file }, che contiene la frase segreta: deve essere solo tuo (chmod 600). Se qualcuno può averla letta, non usarla più.
failure-passphrase-file-lines = { $file } deve contenere la frase segreta e nient'altro: una riga sola.
failure-passphrase-unreadable = Non riesco a leggere la frase segreta da { $file }: { $detail }
failure-passphrases-differ = Le due frasi segrete non sono uguali: nulla è stato scritto.
failure-wrong-passphrase = { $file } non si apre con questa frase segreta.
failure-key-file-damaged = { $file } è danneggiato, o non è la chiave di questa rete: prendilo dalla copia di questa cartella.
failure-no-memory = Non c'è abbastanza memoria per aprire le chiavi: servono 256 MiB liberi.
failure-no-randomness = Il sistema non dà numeri casuali.
failure-trust-file = { $file } non è il file di fiducia di questa rete: prendilo dalla copia di questa cartella.
failure-directory-unverified = { $file } non è una rubrica firmata di questa rete ({ $fault }): prendilo dalla copia di questa cartella.
failure-no-version = La versione { $version } della rubrica non è in questa cartella.
failure-confirm-key-there = Questa cartella ha già una chiave che conferma ({ $id }), e la rubrica la nomina, o la nominerà: nulla è cambiato. Per averne un'altra: «rotate confirm-key --remove { $id }», poi di nuovo questo comando.
failure-ca-not-named = I certificati di questa cartella portano a una radice che la rubrica non nomina: nessuno accetterebbe quelli che emette. Emette un'altra macchina, oppure va ripetuto «rotate root»: nulla è cambiato.
failure-root-not-signed = La radice nuova non è ancora in una versione firmata: prima firma quella, e aspetta che tutti abbiano certificati nuovi. Nulla è cambiato.
failure-file-there = { $file } c'è già, e non viene mai sovrascritto: nulla è stato scritto. L'amministrazione deve confrontare questa cartella con la sua copia prima di firmare ancora.
failure-nothing-signed = Nessuna rubrica è stata ancora firmata: «directory sign».
failure-not-signed = La rubrica non rispetta le regole e non è stata firmata: { $fault }
failure-other-network = Il file è della rete «{ $theirs }», la cartella della rete «{ $ours }»: nulla è stato cambiato.
failure-equipe-exists = L'équipe «{ $id }» c'è già: per cambiarla «equipe add» ed «equipe remove».
failure-no-equipe = L'équipe «{ $id }» non c'è: «equipe create».
failure-no-member = L'ufficio «{ $office }» non è nell'équipe «{ $id }».
failure-programme-exists = Il programma «{ $id }» c'è già: per cambiarlo correggi rete.toml, o usa «apply».
failure-day = «{ $day }» non è un giorno: si scrive come 2027-05-20.
failure-bad-id = «{ $id }» non può essere un identificativo: minuscole, cifre e trattini, da 2 a 40 caratteri.
failure-bad-name = «{ $name }» non va bene; può essere: { $allowed }
failure-bad-member = «{ $text }» non va bene: si scrive UFFICIO:RUOLO, come in cpi-rivabella:CPI.
failure-answer-not-written = La risposta non è stata scritta tutta: { $detail }

note-words = Parole della richiesta: { $words }. Prima di firmare la rubrica fattele leggere al telefono da chi l'ha mandata: devono essere le stesse.
note-network-words = Parole della rete: { $words }. Leggile al telefono a chi riceve un'attivazione: deve trovare le stesse.
done-granted = Approvata. L'attivazione da rimandare sarà scritta da «raccordo-admin directory sign».
done-activation = Attivazione da rimandare a chi ha fatto la richiesta: { $file }
failure-request-tampered = La richiesta { $file } non è quella che è partita: è stata cambiata o rovinata per strada ({ $fault }). Nulla è stato scritto. Chi l'ha mandata deve rimandarla, meglio consegnandola a mano.
failure-pending-damaged = { $file } è danneggiato, e nulla è stato firmato né scritto. L'amministrazione deve approvare di nuovo la richiesta di «{ $place }» (il file che l'ufficio o il gestore ha mandato), poi firmare.
failure-words-differ = Le parole non sono quelle di questa richiesta ({ $words }): o sono state lette male, o la richiesta è di qualcun altro. Nulla è stato scritto. Richiama l'ufficio a un numero che conosci già.
failure-request-of-gateway = È la richiesta di un gateway, non di un ufficio: «gateway add».
failure-request-of-office = È la richiesta di un ufficio, non di un gateway: «agency approve».
failure-keys-of-another = Queste chiavi sono già dell'ufficio «{ $old }»: un identificativo non cambia mai, e «{ $new }» deve mandare una richiesta sua.
failure-keys-revoked = Queste chiavi sono della macchina «{ $machine }» dell'ufficio «{ $office }», che è stata revocata: non valgono più, e nulla è stato scritto. L'ufficio deve fare una richiesta nuova, con chiavi nuove, in una cartella nuova (raccordo-agent enrol).
failure-office-unknown = L'ufficio «{ $office }» non è ancora nella rete: indica anche --kind e --name, o descrivilo prima con «apply».
failure-machine-there = L'ufficio «{ $office }» ha già una macchina con altre chiavi. Prima di approvarne un'altra l'amministrazione deve togliere la vecchia: «agency evict { $office } --reason …».
failure-gateway-exists = Il gateway «{ $id }» c'è già con un'altra chiave: per un secondo gateway indica un altro --id.
failure-bad-endpoint = «{ $endpoint }» non è un indirizzo: si scrive nome:porta, come in gw.rete.example:443.
failure-not-issued = Il certificato non è stato emesso: { $fault }

## Più amministratrici

plan-admin-new = + chiave di amministrazione { $id }: { $words }
plan-admin-gone = - chiave di amministrazione { $id }: { $words }
plan-threshold = ~ firme necessarie: da { $k } su { $n } a { $next_k } su { $next_n }
plan-confirm-key-new = + chiave che può solo confermare { $id }: { $words }
plan-confirm-key-gone = - chiave che può solo confermare { $id }: { $words }
plan-ca-root-new = + radice dei certificati { $hash }
plan-ca-root-gone = - radice dei certificati { $hash }: i certificati che ne dipendono non valgono più

show-proposal = La rubrica versione { $version } aspetta le firme (proposta { $hash }).
show-proposed = Proposta del { $issued }; varrebbe fino al { $expires }. Contro l'ultima versione di questa cartella:
show-supersedes = Lascia indietro { $count } versioni di una rubrica che si era divisa.
show-tally = Firme: { $signed } di { $k } necessarie.
show-tally-old = Firme delle amministratrici di oggi: { $signed } di { $k } necessarie.
show-tally-new = Firme delle amministratrici di domani: { $signed } di { $k } necessarie.
show-has-signed = ha firmato { $id }: { $words }
show-may-sign = può firmare { $id }: { $words }
show-fork = La rubrica si è divisa alla versione { $version }. Ciò che la versione lasciata indietro ({ $hash }) ha e quella tenuta no:
show-admins = Firmano { $k } di { $n } chiavi di amministrazione (radice numero { $root }):
show-admin-key = chiave { $id }: { $words }
show-confirm-key = può solo confermare { $id }: { $words }
show-rehearsal = Prova su una copia di questa cartella: nella cartella non cambia nulla.

done-admin-key = La chiave è in { $folder }, chiusa con la frase segreta. Porta { $file } all'amministrazione che crea la rete, o che ti aggiunge: non contiene segreti. Parole della chiave: { $words }
done-join = Questa cartella ora è della rete «{ $network }». Le rubriche già firmate si prendono con «ceremony import», una alla volta.
done-trust = File di fiducia per chi entra adesso: { $file }. Parole della rete, da leggere al telefono: { $words }
done-export = Scritto in { $file }: non contiene segreti.
done-ceremony-sign = Firmata. Rimanda { $file } a chi ha fatto la proposta: lo prende con «ceremony import».
done-import-known = La versione { $version } è già in questa cartella.
done-adopt = rete.toml ora è com'è nella rubrica versione { $version }.
done-discard = La proposta { $hash } della versione { $version } è stata tolta da questa cartella.
done-heal = La versione { $next }, con la prossima firma, lascia indietro l'altra rubrica numero { $version }. Riporta in rete.toml ciò che serve ancora, poi «directory review» e «directory sign».
done-rotate = Preparato. Vale solo con la prossima versione della rubrica, che va firmata dalle amministratrici di oggi e da quelle di domani: «directory sign».
done-rotate-nothing = Con questo la radice resta com'è: nulla da firmare.
done-rotate-ca = Da adesso i certificati li emette una chiave nuova, sotto la stessa radice. Quelli già emessi valgono fino alla loro scadenza.
done-rotate-root = Da adesso i certificati li emette una radice nuova: valgono con la prossima versione della rubrica. Quella vecchia resta valida accanto, finché «rotate root --finish» non la toglie.
done-rehearsal = La prova è riuscita e la copia non c'è più. Per farlo davvero: lo stesso comando senza --rehearse.
done-confirm = Confermata la rubrica versione { $version }, fino al { $until }: { $file }
done-published = { $to }: consegnata la versione { $version }; il gateway aveva la { $had }. È in vigore da ora.
done-published-already = { $to }: il gateway ha già la versione { $version }. Niente da fare.
done-confirm-published = { $to }: consegnata la conferma della versione { $version }.
fault-publish-unreachable = { $to }: nessuna risposta ({ $detail }). Chi gestisce il gateway guarda se è acceso e se la porta di [authority] è aperta; poi ripeti.
fault-publish-gateway = { $to }: chi risponde non è un gateway della versione { $version } ({ $detail }). Non gli è stato consegnato nulla. Controlla l'indirizzo; se il certificato del gateway è stato cambiato, consegna questa versione come file.
fault-publish-equivocation = { $to }: il gateway ha un'altra versione { $version }, firmata anche lei: un'altra amministratrice l'ha consegnata prima. Fattela dare e risana la rete con «directory heal».
fault-publish-no-links = { $to }: ha la versione { $had }, e in questa cartella manca qualche versione fra quella e la { $version }. Consegna dalla cartella di chi le ha tutte, o prendile con «ceremony import».
fault-publish-stale = { $to }: il gateway ha la versione { $had }, più nuova dell'ultima di questa cartella ({ $version }), o ne ha appena presa una. Fattela dare da chi l'ha firmata e prendila con «ceremony import».
fault-publish-busy = { $to }: ora il gateway non può ({ $detail }). Riprova fra un minuto.
fault-publish-refused = { $to }: il gateway, che ha la versione { $had }, ha rifiutato: { $detail }. Nulla è cambiato; chiedi a chi lo gestisce.
fault-confirm-other = { $to }: il gateway ha la versione { $had }, la conferma è dell'ultima di questa cartella ({ $version }). Se la sua è più vecchia, consegna prima la versione con «directory publish».

note-one-of-many = Attenzione: ognuna delle { $n } chiavi di amministrazione firma da sola per tutta la rete. Chi ne ruba una decide chi ne fa parte. Per chiedere due persone: «rotate admin --threshold 2».
note-all-of-all = Attenzione: devono firmare tutte le { $n } chiavi. Se se ne perde una, la rete non si può più cambiare: aggiungete una chiave di riserva («rotate admin --add»).
note-key-backup = Copia questa cartella su un disco che resta chiuso a chiave: senza di essa, o senza la frase segreta, questa chiave non firma più.
note-k-of-n = Ogni rubrica dovrà avere { $k } firme di persone diverse, fra { $n }. Porta { $file } alle altre amministratrici: completano la loro cartella con «network join». Parole della rete, da leggere loro al telefono: { $words }
note-admin-words = Parole della chiave { $id }: { $words }. Prima di firmare fattele leggere al telefono da chi l'ha mandata: devono essere le stesse.
note-join-words = Parole della rete: { $words }. Fattele leggere al telefono da chi l'ha creata: se non sono le stesse, non usare questa cartella.
note-proposal-dropped = Avviso: la proposta { $hash } che aspettava qui è stata tolta: un'altra della stessa versione ha avuto le firme. Le sue modifiche, se servono ancora, vanno proposte di nuovo.
note-root-dropped = Avviso: ciò che «rotate» aveva preparato qui è stato tolto: la radice è cambiata in un altro modo. Se serve ancora, va preparato di nuovo.
note-draft-differs = Avviso: rete.toml ha modifiche di questa cartella che non sono nella versione { $version }. «directory review» le dice: se sono vecchie, «directory adopt» le toglie; se servono, completale con ciò che la versione ha di nuovo prima di firmare.

failure-no-key-alone = In { $folder } serve { $file }, di «admin-key new», e nessuna rete: nulla è stato scritto.
failure-no-key = { $file } non c'è: in questa cartella quella chiave non è mai stata creata, o sta su un'altra macchina.
failure-not-offered = { $file } non è l'offerta di una chiave a questa rete ({ $fault }). Chi l'ha mandata deve rifarla («admin-key new») o rimandarla.
failure-network-words-differ = Le parole della rete di questo file di fiducia sono altre ({ $words }): o sono state lette male, o il file è di qualcun altro. Nulla è stato scritto.
failure-bad-threshold = { $k } firme su { $n } chiavi non si può: almeno una firma, non più delle chiavi, e ogni chiave una volta sola, al massimo 16. Nulla è stato scritto.
failure-out-there = { $file } c'è già, e non viene sovrascritto: indica un altro nome. Nulla è stato firmato.
failure-no-document = { $file } non è una proposta né una rubrica.
failure-proposal-damaged = { $file } è danneggiato ({ $fault }), e nulla è stato scritto. Se è una proposta si può togliere il file, e chiederla di nuovo a chi l'ha fatta.
failure-proposal-network = La proposta è di un'altra rete, non di «{ $network }»: nulla è stato scritto.
failure-proposal-not-next = La proposta non segue la versione { $version }, che è l'ultima di questa cartella. Se mancano versioni, prendile prima con «ceremony import»; se la proposta è vecchia, chi l'ha fatta deve rifarla.
failure-proposal-signatures = Una firma non è di un'amministratrice di questa rete, o non è di questa proposta, o le firme non bastano. Nulla è stato scritto: chi l'ha mandata deve rimandarla.
failure-proposal-rule = La proposta non rispetta una regola ({ $fault }), e nulla è stato firmato: chi l'ha fatta deve rifarla.
failure-proposal-pending = La proposta { $hash } della versione { $version } aspetta ancora firme, e rete.toml dice altro. Falla firmare, o toglila con «ceremony discard» e avvisa chi l'ha già firmata: due versioni con lo stesso numero, firmate entrambe, dividono la rete.
failure-proposal-other = Di questa versione ({ $version }) c'è già un'altra proposta in questa cartella: qui { $ours }, nel file { $theirs }. Nulla è stato firmato. Mettetevi d'accordo su quale tenere; l'altra si toglie con «ceremony discard».
failure-no-proposal = In questa cartella nessuna versione aspetta firme.
failure-already-signed = Questa chiave ha già firmato la proposta della versione { $version }: nulla da fare. Per riaverne il file: «ceremony export».
failure-not-an-admin = La chiave di questa cartella ({ $words }) non è fra quelle che possono firmare questa versione. Nulla è stato scritto.
failure-fork = Due rubriche con lo stesso numero ({ $version }) sono state firmate: qui { $ours }, nel file { $theirs }. Nulla è stato cambiato. Decidete insieme quale tenere, poi «directory heal FILE --keep mine» o «--keep theirs».
failure-no-fork = La versione { $version } del file è la stessa di questa cartella: nulla da risanare.
failure-fork-earlier = La rubrica si è divisa prima della versione { $version }: serve il file della prima versione che è diversa.
failure-fork-passed = Questa cartella è già alla versione { $last }: la { $version } del file può solo essere lasciata indietro («--keep mine»).
failure-not-confirmed = La chiave ({ $words }) non può confermare questa rubrica: { $fault }. Una chiave di conferma vale dalla versione che la nomina.
failure-address = «{ $address }» non è un indirizzo: serve NOME:PORTA.
failure-sockets = Questo computer non apre connessioni: { $detail }
failure-not-handed-in = Non consegnata a { $failed } gateway su { $all }:
failure-no-such-key = «{ $key }» non è nessuna delle chiavi: indica le sue sei parole, fra virgolette, o il suo codice («directory show» li dice).
failure-rotate-pending = Ci sono richieste approvate che aspettano una firma, con certificati della chiave che se ne andrebbe. Prima «directory sign», poi questo comando.

## Aiuto della riga di comando

help-usage = Uso:
help-commands = Comandi
help-options = Opzioni
help-help = Mostra questo aiuto
help-version = Mostra la versione
help-root = Fa e firma la rubrica di una rete Raccordo, e risponde alle richieste dei suoi uffici e dei suoi gateway
help-network = La rete
help-network-init = Crea le chiavi della rete in una cartella nuova
help-network-join = Completa la cartella di un'altra amministratrice
help-network-trust = Scrive il file di fiducia per chi entra adesso
help-admin-key = La chiave di un'altra amministratrice
help-admin-key-new = Crea la chiave in una cartella nuova, e la offre a una rete con un file senza segreti
help-ceremony = Le firme di più amministratrici, ognuna sulla sua macchina
help-ceremony-export = Scrive la proposta di questa cartella; l'ultima versione, se nessuna aspetta
help-ceremony-review = Dice che cosa cambierebbe una proposta, e chi l'ha firmata
help-ceremony-sign = Aggiunge la propria firma a una proposta
help-ceremony-import = Prende le firme di un file, o una versione che le ha tutte
help-ceremony-discard = Toglie la proposta di questa cartella
help-rotate = Altre amministratrici, altre chiavi
help-rotate-admin = Chi può firmare, e quante firme servono
help-rotate-ca = Un'altra chiave per emettere i certificati, sotto la stessa radice
help-rotate-root = Un'altra radice dei certificati
help-rotate-confirm-key = Una chiave che può solo confermare
help-directory-heal = Risana una rubrica divisa: due versioni con lo stesso numero, firmate entrambe
help-directory-adopt = Rimette in rete.toml ciò che dice l'ultima versione
help-directory-confirm = Firma che l'ultima versione vale ancora
help-directory-publish = Consegna l'ultima versione firmata ai gateway
help-arg-threshold = Quante firme servono
help-arg-admins = L'offerta della chiave di un'altra amministratrice. Si può ripetere
help-arg-trust = Il file di fiducia della rete
help-arg-network-join-words = Le parole della rete, lette al telefono
help-arg-out = Il file da scrivere
help-arg-admin-key-new-name = Il nome della rete
help-arg-proposal = La proposta
help-arg-signed = La proposta, o la versione
help-arg-add = L'offerta della chiave di una nuova amministratrice. Si può ripetere
help-arg-remove = La chiave che se ne va: le sue parole, o il suo codice. Si può ripetere
help-arg-rotate-confirm-key-remove = Ne toglie una, indicata con le sue parole o il suo codice, invece di crearla
help-arg-rehearse = Lo prova su una copia della cartella
help-arg-finish = Toglie le radici che non emettono più nulla
help-arg-other = L'altra versione
help-arg-keep = Quale delle due continua: quella di questa cartella o quella del file
help-arg-by-confirm-key = Firma con la chiave di conferma di questa cartella, invece di quella di amministrazione
help-arg-publish = Consegna la conferma anche ai gateway
help-arg-directory-confirm-to = Porta di [authority] di un gateway; si può ripetere
help-arg-directory-publish-to = Porta di [authority] di un gateway; si può ripetere
help-gateway = I gateway
help-gateway-add = Dà al gateway di una richiesta il suo certificato e il suo posto
help-agency = Gli uffici
help-agency-approve = Dà all'ufficio di una richiesta il suo certificato e il suo posto
help-equipe = Le équipe
help-equipe-create = Crea un'équipe
help-equipe-add = Aggiunge un componente, o ne cambia il ruolo
help-equipe-remove = Toglie un componente
help-programme = I programmi
help-programme-create = Crea un programma
help-territory = I comuni
help-territory-import = Prende da un elenco l'ambito di ogni comune: codice_istat,ambito e, se c'è, equipe
help-apply = Applica un file che descrive una rete intera, senza chiavi
help-directory = La rubrica firmata
help-directory-review = Dice che cosa cambierebbe con la prossima versione, e che cosa non va
help-directory-sign = Firma la prossima versione, e risponde alle richieste approvate
help-directory-show = Dice che cosa contiene una versione firmata
help-directory-diff = Dice che cosa è cambiato fra due versioni firmate; fra le ultime due, se non se ne indica nessuna
help-completions = Scrive sullo standard output il completamento dei comandi per una shell
help-man = Scrive le pagine del manuale (man), una per comando
help-arg-network = La cartella della rete
help-arg-json = Risponde con un oggetto JSON
help-arg-passphrase-file = Legge la frase segreta delle chiavi da questo file (del solo proprietario, una riga) invece di chiederla
help-arg-lang = Lingua delle frasi
help-arg-name = Il nome che le persone leggono; serve per un ufficio che la rete non conosce ancora
help-arg-network-init-name = Il nome della rete: lettere minuscole, cifre e trattini, da 2 a 40
help-arg-request = Il file scritto da «raccordo-agent enrol»
help-arg-gateway-add-request = Il file scritto da «raccordo-gateway request»
help-arg-endpoints = Dove risponderà, nome:porta. Si può ripetere
help-arg-id = Il suo identificativo, che non cambia mai
help-arg-equipe-add-id = L'équipe
help-arg-equipe-remove-id = L'équipe
help-arg-words = Le sue parole, lette al telefono
help-arg-kind = Che ufficio è; serve per un ufficio che la rete non conosce ancora
help-arg-body = L'ente di cui fa parte
help-arg-ambito = Il suo ambito
help-arg-equipe-create-ambito = L'ambito che serve
help-arg-phone = Il suo telefono, per le persone degli altri uffici
help-arg-can = Che cosa può fare o ricevere, invece di ciò che di solito può il suo tipo. Si può ripetere
help-arg-members = Un componente e il suo ruolo, UFFICIO:RUOLO. Si può ripetere
help-arg-required = Un ruolo che deve avere un componente. Si può ripetere
help-arg-member = Il componente e il suo ruolo
help-arg-office = Il componente
help-arg-title = Il titolo
help-arg-from = Il primo giorno
help-arg-until = L'ultimo giorno
help-arg-capofila = L'ufficio capofila
help-arg-agencies = Un ufficio che partecipa oltre alle équipe. Si può ripetere
help-arg-file = Il file
help-arg-plan = Dice il piano e non cambia nulla
help-arg-renew = Firma anche se nulla è cambiato: una nuova scadenza
help-arg-version = Quale; l'ultima, se manca
help-arg-directory-diff-from = La più vecchia
help-arg-to = La più nuova; l'ultima, se manca
help-arg-shell = La shell
help-arg-manual = La cartella in cui scriverle
done-manual = Pagine del manuale scritte in { $folder }.
failure-manual = Non riesco a scrivere le pagine del manuale in { $folder }: { $detail }

## Acts, the list, renewals, the log

thing-directory = rubrica
thing-issuing = certificato che emette
thing-root = certificato radice

note-act-suspend = «{ $office }» sarà sospeso. Quando il gateway avrà la versione firmata il suo collegamento sarà tagliato entro 2 secondi; ciò che lo aspetta, e ciò che aspetta di partire da lui, resta fermo e lo si vede, e riparte da solo dopo «agency resume». Ciò che ha ricevuto e mandato resta. Il suo certificato resta buono.
note-act-resume = «{ $office }» riprenderà a far parte della rete, con le stesse chiavi: ciò che era fermo riparte da solo.
note-act-evict = Le chiavi della macchina di «{ $office }» saranno fuori per sempre: collegamento tagliato entro 2 secondi da quando il gateway avrà la versione firmata. L'ufficio può iscriversi di nuovo subito, con chiavi nuove (raccordo-agent enrol in una cartella nuova); ciò che lo aspetta resta fermo, e riparte dopo che ogni mittente ha confermato al telefono le parole della chiave nuova. Ciò che ha ricevuto resta su quel computer.
note-act-revoke = «{ $office }» sarà fuori, con le sue chiavi, e uscirà da équipe e programmi: collegamento tagliato entro 2 secondi da quando il gateway avrà la versione firmata; ciò che lo aspetta resta fermo e lo si vede; ciò che ha ricevuto e mandato resta. Per riammetterlo servono chiavi nuove e «agency approve … --readmit».
note-act-ban = «{ $office }» sarà fuori PER SEMPRE: identificativo e chiavi non saranno più accettati, e nessun comando lo annulla. Per il resto è come una revoca.
note-act-role = ATTENZIONE: nell'équipe «{ $equipe }» senza «{ $office }» nessuno ha oggi il ruolo obbligatorio { $role }. Chi segnala a quell'équipe non avrà risposta da quel ruolo: avvisa gli altri uffici, o aggiungi chi lo ha (equipe add { $equipe } UFFICIO:{ $role }).
note-act-capofila = ATTENZIONE: «{ $office }» è capofila del programma «{ $programme }»: finché è fuori nessuno ne valida le spese.
note-readmit = Équipe e programmi non li riprende: se deve rientrarvi, «equipe add» e rete.toml.
fault-act-role = équipe «{ $equipe }»: «{ $office }» è il solo con il ruolo obbligatorio { $role }. Prima l'amministrazione deve aggiungere chi lo ha (equipe add { $equipe } UFFICIO:{ $role }), o togliere l'obbligo da rete.toml. Se c'è fretta, «agency suspend» lo ferma subito.
fault-act-capofila = programma «{ $programme }»: «{ $office }» ne è il capofila. Prima l'amministrazione deve sceglierne un altro in rete.toml (capofila = …). Se c'è fretta, «agency suspend» lo ferma subito.
failure-no-office = Nella rete non c'è un ufficio «{ $office }».
failure-office-banned = «{ $office }» è bandito (BANNED), e per sempre: nulla è stato scritto. Se l'ente torna, è un ufficio nuovo con un altro identificativo.
failure-office-revoked = «{ $office }» è revocato (REVOKED): nulla è stato scritto. Rientra soltanto con chiavi nuove: «agency approve RICHIESTA --id { $office } --readmit».
failure-suspended-already = «{ $office }» è già sospeso: «agency resume» lo fa riprendere, «agency revoke» lo toglie.
failure-not-suspended = «{ $office }» non è sospeso: non c'è nulla da riprendere.
failure-nothing-to-suspend = «{ $office }» non ha una macchina in rete: non c'è nulla da sospendere. Se non deve entrare, «agency revoke».
failure-no-machine = «{ $office }» non ha una macchina con chiavi che contano: non c'è nulla da togliere.
failure-not-revoked = «{ $office }» è { $state } e non revocato: --readmit serve solo a chi lo è. Nulla è stato scritto.
failure-ban-unconfirmed = Un bando è PER SEMPRE: identificativo e chiavi di «{ $office }» non saranno mai più accettati, e nessun comando lo annulla. Nulla è stato scritto. Se è questo che vuoi, ripeti con --yes; altrimenti «agency revoke» o «agency suspend».
failure-reason-too-long = Il motivo è troppo lungo: al massimo { $max } caratteri, senza nulla di una donna.

show-valid-none = nessun certificato
show-valid-unknown = scadenza non nota
show-valid-until = fino al { $day } ({ $days } g)
show-valid-over = SCADUTO il { $day }
show-next-by = entro il { $day }: { $what }
show-next-nothing = -
show-next-sign = da firmare: amministrazione («directory sign»)
show-next-enrol = deve mandare la richiesta: l'ufficio («raccordo-agent enrol»)
show-next-resume = riprendere o revocare: amministrazione («agency resume» o «agency revoke»)
show-next-renew = rinnovare il certificato: l'ufficio («raccordo-agent enrol --renew», da 60 giorni prima), poi l'amministrazione («agency renew»)
show-next-renew-expired = certificato scaduto: l'ufficio («raccordo-agent enrol --renew»), poi l'amministrazione («agency renew --expired --reason …»)
show-next-new-identity = finisce la chiave d'identità: amministrazione («agency evict»), poi l'ufficio (nuova iscrizione)
show-next-renew-gateway = rinnovare il certificato: chi lo gestisce («raccordo-gateway request --renew», da 60 giorni prima), poi l'amministrazione («gateway renew --id …»)
show-next-sign-again = firmare di nuovo la rubrica: amministrazione («directory sign --renew»)
show-next-rotate = cambiare questo certificato: «rotate ca», per una radice «rotate root»
warning-ends = Avviso: { $days } giorni per { $thing ->
    [thing-office] l'ufficio
    [thing-gateway] il gateway
    [thing-directory] la rubrica
    [thing-issuing] il certificato che emette
   *[other] il certificato radice
} { $id }
warning-over = Avviso: SCADUTO { $thing ->
    [thing-office] il certificato o la chiave dell'ufficio
    [thing-gateway] il certificato del gateway
    [thing-directory] la rubrica
    [thing-issuing] il certificato che emette
   *[other] il certificato radice
} { $id } ({ $days } giorni)
note-issued-damaged = Avviso: { $file } è rovinato: del suo certificato non so la scadenza.

failure-renew-gateway = { $file } è di un gateway: «gateway renew», con le parole al telefono.
failure-no-gateway = Nella rete non c'è un gateway «{ $id }».
failure-renew-gateway-key-known = { $file }: per la chiave di questa richiesta c'è già stato un certificato: è una richiesta vecchia mandata di nuovo. Nulla è stato scritto. Chi gestisce «{ $id }» ne faccia una nuova (raccordo-gateway request --renew).
help-gateway-renew = Rinnova il certificato di un gateway
help-arg-gateway-renew-request = Il file scritto da «raccordo-gateway request --renew»
failure-renew-unknown = { $file }: la chiave d'identità non è di nessun ufficio della rete. Se è un computer nuovo, «agency approve»; le parole al telefono.
failure-renew-not-active = { $file }: «{ $office }» è { $state }, e un rinnovo è solo per chi è ACTIVE. Nulla è stato scritto.
failure-renew-identity-ended = { $file }: la chiave d'identità di «{ $office }» è finita il { $day }, e non può più chiedere. L'amministrazione la toglie («agency evict»), e l'ufficio si iscrive di nuovo.
failure-renew-key-known = { $file }: per la chiave di questa richiesta c'è già stato un certificato: è una richiesta vecchia mandata di nuovo. Nulla è stato scritto. «{ $office }» ne faccia una nuova (raccordo-agent enrol --renew).
failure-renew-too-early = { $file }: il certificato di «{ $office }» vale fino al { $until } e si rinnova dal { $day }. Nulla è stato scritto. Prima di allora serve un motivo: --early --reason …
failure-renew-expired = { $file }: il certificato di «{ $office }» è scaduto il { $day }. Rinnovarlo adesso è un'eccezione, da approvare con un motivo: --expired --reason … Nulla è stato scritto.
failure-renew-twice = Due richieste sono di «{ $office }»: tieni la più recente. Nulla è stato scritto.

done-audit = Registro intero: { $rows } righe. Impronta dell'ultima: { $last }. Annotala altrove: righe tolte dalla fine, o un registro riscritto, si vedono solo così o da una copia.
done-audit-export = { $rows } righe copiate in { $file }. Impronta dell'ultima: { $last }
note-log-torn = L'ultima riga è tronca: un'interruzione, e il suo atto non è stato fatto. La prossima riga lo dirà.
fault-log-unreadable = riga { $line }: non è una riga del registro
fault-log-broken = riga { $line }: non segue quella prima: una riga è stata cambiata, aggiunta o tolta
failure-log-damaged = Il registro { $file } è stato cambiato, e nulla è stato scritto. L'amministrazione deve confrontarlo con una copia; per andare avanti lo si mette da parte con un altro nome, e ne comincia uno nuovo.
failure-log-lacks-versions = Dal registro mancano le firme delle versioni { $versions }: delle righe sono state tolte. L'amministrazione deve confrontarlo con una copia.

help-agency-list = Chi c'è, fino a quando, che cosa viene dopo e a chi tocca
help-agency-renew = Rinnova certificati; più richieste sono un lotto solo
help-agency-suspend = Ferma un ufficio finché non lo riprendi
help-agency-resume = Fa riprendere un ufficio sospeso
help-agency-evict = Mette fuori per sempre le chiavi della sua macchina; può iscriversi di nuovo subito
help-agency-revoke = Mette fuori un ufficio, con le sue chiavi
help-agency-ban = Rifiuta per sempre identificativo e chiavi
help-audit = Il registro degli atti dell'amministrazione
help-audit-tail = Mostra le ultime righe
help-audit-verify = Dice se è intero
help-audit-export = Ne scrive una copia
help-arg-reason = Il motivo: resta nel registro. Nulla di una donna
help-arg-yes = Nulla annulla un bando: chi lo scrive lo sa
help-arg-readmit = Riammette un ufficio revocato, con chiavi nuove
help-arg-requests = I file scritti da «raccordo-agent enrol --renew»
help-arg-early = Anche prima di 60 giorni dalla fine; con un motivo
help-arg-expired = Anche dopo la fine: un'eccezione approvata, con un motivo
help-arg-rows = Quante

## Enrolment on line

done-invite = Invito per «{ $office }», fino al { $until }: { $file }. Vale per una macchina sola, e dopo che la rubrica è stata firmata e consegnata («directory sign», «directory publish»). Dallo all'ufficio di persona o in una busta chiusa: permette solo di chiedere. L'ufficio scrive, nel suo computer: raccordo-agent enrol --invitation FILE --folder CARTELLA --passphrase
done-request-deposited = Richiesta di «{ $office }». Parole: { $words }. Chiama l'ufficio a un numero che conosci già e fattele leggere; poi «agency approve --id { $office }» o «agency reject { $office } --reason …».
done-requests-none = Nessuna richiesta da leggere.
done-reject = La richiesta di «{ $office }» non sarà ammessa. L'ufficio leggerà il motivo dopo «agency answer».
done-answer = Risposta consegnata: «{ $office }» la riceve entro un minuto.
done-answers-none = Nessuna risposta da consegnare: una richiesta approvata ne ha una dopo «directory sign».
note-deposit-unreadable = Avviso: il gateway ha per «{ $office }» qualcosa che non è una richiesta: non è stato preso. Invita di nuovo l'ufficio.
note-deposit-unknown = L'invito è stato fatto in un'altra cartella: qui si può confrontare solo le parole.
warning-deposit-forged = ATTENZIONE: questa richiesta non è stata fatta con il codice dell'invito di «{ $office }»: qualcuno l'ha messa al posto di quella dell'ufficio. Non approvarla; invita di nuovo l'ufficio e avvisa chi gestisce il gateway.
failure-which-gateway = Indica per quale gateway è l'invito (--gateway): l'ultima versione firmata non ne nomina nessuno così, o ne nomina più d'uno.
failure-invitations-full = Ci sono già { $max } inviti che valgono: aspetta che siano usati o che scadano.
failure-no-deposit = In questa cartella non c'è una richiesta depositata per «{ $office }»: «agency requests --to …». Una richiesta arrivata per posta si rifiuta per posta.
failure-call-unreachable = Il gateway a { $to } non risponde ({ $detail }): nulla è cambiato. Riprova, o chiedi a chi lo gestisce.
failure-call-not-believed = Chi risponde a { $to } non è un gateway dell'ultima versione firmata ({ $detail }): non gli è stato dato nulla. Controlla l'indirizzo con chi lo gestisce.
failure-call-not-an-admin = Il gateway a { $to } non conosce la chiave di questa cartella ({ $detail }): ha un'altra versione della rubrica («directory publish»), o la chiave non è più di un'amministratrice.
failure-call-clock = Il gateway a { $to } dice che la richiesta non è di adesso ({ $detail }): l'orologio di questo computer, o il suo, è sbagliato di più di dieci minuti.
failure-call-not-now = Il gateway a { $to } adesso non può ({ $detail }): riprova fra un minuto.
failure-approved-already = La richiesta di «{ $office }» è già stata approvata: per non ammetterla prima «agency evict { $office } --reason …», poi la firma. Nulla è cambiato.
failure-answers-refused = Il gateway a { $to } non ha preso alcune risposte; le altre sono state consegnate:
fault-answer-to-nothing = «{ $office }»: il gateway non ha questa richiesta. È a un altro (--to), o sono passate 72 ore: allora invita di nuovo l'ufficio, o mandagli l'attivazione per posta.
fault-answer-before-publishing = «{ $office }»: il gateway non ha ancora la versione che gli dà un posto. Prima «directory publish --to { $to }», poi di nuovo questo comando.
fault-answered-otherwise = «{ $office }»: ha già avuto un'altra risposta, e quella resta. Per cambiarla invita di nuovo l'ufficio.
fault-answer-refused = «{ $office }»: il gateway rifiuta ({ $code }).
failure-call-refused = Il gateway a { $to } rifiuta: { $detail }.
failure-answer-to-nothing = Il gateway a { $to } non ha questa richiesta ({ $detail }): è stata depositata a un altro, o sono passate 72 ore. Invita di nuovo l'ufficio, o mandagli l'attivazione per posta.
failure-answer-before-publishing = Il gateway a { $to } non ha ancora la versione che dà un posto a questo ufficio ({ $detail }): prima «directory publish --to { $to }», poi di nuovo questo comando.
failure-answered-otherwise = A questa richiesta è già stato risposto in un altro modo ({ $detail }), e la prima risposta resta. Per cambiarla invita di nuovo l'ufficio.

help-agency-invite = Invita un ufficio a depositare la sua richiesta a un gateway
help-agency-requests = Chiede a un gateway quali richieste sono state depositate
help-agency-reject = Non ammette una richiesta depositata, e dice perché
help-agency-answer = Lascia al gateway le risposte per chi ha depositato
help-arg-at = La porta di [authority] del gateway a cui l'ufficio si rivolge
help-arg-gateway = Quale gateway risponde a quell'indirizzo; l'unico, se ce n'è uno solo
help-arg-agency-requests-to = La porta di [authority] del gateway
help-arg-agency-answer-to = La porta di [authority] del gateway
help-arg-agency-approve-request = Il file scritto da «raccordo-agent enrol»; se manca, la richiesta depositata per questo ufficio
help-arg-agency-reject-reason = Il motivo: l'ufficio lo legge, e resta nel registro. Nulla di una donna
