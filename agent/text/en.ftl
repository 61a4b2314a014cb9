# The sentences that a person reads. The same names stand in it.ftl.

## Safety

danger-line = In danger: 112. Someone to talk to, day and night: 1522. Raccordo is no emergency channel
banner-riservata = Contact her only this way: { $contatto }. Do not use a phone, e-mail or address that your archives already hold. Suspend automatic messages. In doubt call the anti-violence centre: { $telefono }.
contact-tramite-cav = through the anti-violence centre
contact-telefono = by phone, { $numero }
contact-email = by e-mail, { $numero }
contact-messages-no = leave no messages
contact-messages-yes = a message may be left
contact-as = introducing yourself as { $value }
contact-hours = hours: { $value }
contact-until = valid until { $value }
contact-phone-unknown = number on the form

## What failed on this machine

failure-form-too-large = { $file } is too large to be a form: at most { $max } KiB
failure-agent-not-running = This office's agent is not running (no answer from { $socket }). Start it with “raccordo-agent serve”, or ask whoever looks after the computer.
failure-socket-forbidden = This user may not talk to the agent ({ $socket }). Ask whoever looks after the computer.
failure-socket-is-none = What lies at { $socket } is no socket: it was left alone, and the agent does not start. Move it away, or change [api] socket in the configuration.
failure-socket-in-use = Another process already answers at { $socket }: this agent does not start. Stop the other one, or change [api] socket in the configuration.
failure-socket-failed = Cannot listen on { $socket }: { $detail }
failure-no-config = There is no configuration: give --config FILE, or set RACCORDO_CONFIG.
failure-config-unreadable = Cannot read the configuration { $file }: { $detail }
failure-config = These entries of the configuration { $file } must be corrected:
failure-throwaway = The network “{ $network }” is a throwaway one: it is used with --dev only.
failure-form-unreadable = Cannot read the form { $file }: { $detail }
failure-faults = Entries of the form must be corrected: nothing was written or sent.
failure-answer-to-check = The answer was neither written nor sent. There are entries to check:
failure-gateway-unreachable = The gateway cannot be reached at the moment. The letter of case { $codice } is safe in the outbox and will leave by itself.
failure-not-all-delivered = The letter of case { $codice } is safe in the outbox, but has not reached yet: { $uffici }. It will leave by itself.
failure-not-delivered = The letter of case { $codice } cannot be delivered to: { $uffici }. “raccordo-agent outbox” says why.
failure-export-not-written = Cannot write { $file }: { $detail }
failure-watch-timeout = The awaited event has not happened in { $seconds } seconds.
failure-watch-ended = The agent has stopped answering.
failure-bad-event = Unknown event. One can wait for: { $allowed }.
failure-answer-not-written = The answer cannot be written ({ $detail }). The command may have been carried out: look before you repeat it.
failure-dev-only = This option is for trials: it works with --dev only.
failure-answer = The agent's answer is incomplete: are agent and command of different versions?
failure-call = The agent could not answer (code { $status }).
failure-other = { $detail }
failure-no-trust = The trust file { $file } is missing, not readable, or of another network: without it the network's directory cannot be verified.
failure-directory-missing = The network's directory is missing: { $file }. The agent does not start.
failure-directory-unverified = The network's directory { $file } does not verify ({ $fault }). The agent does not start.
failure-identity-not-listed = This machine's identity key is not among those that the network's directory names for “{ $agency }”. The agent does not start.
failure-store-failed = This office's store can no longer write. The agent stops: what was safe is there when it starts again.
failure-locked-by-another = The store is in use by another agent.
failure-wrong-key = This key, or this passphrase, does not open the store. Nothing was changed.
failure-damaged = The store is damaged: keep this folder, and restore a copy into a new one, or here with --set-aside.
failure-rolled-back = Records that were already safe are missing from the store: it was cut, or replaced with an older copy. The agent does not start: keep this folder, and restore a copy into a new one.
failure-anchor = The file anchor.bin, which says how far the store had come, is missing or cannot be believed: whether the store is whole cannot be known. The agent does not start: keep this folder, and restore a copy into a new one.
failure-version = The store was written by another version of Raccordo.
failure-io = The disk gave an error: the agent's log has the particulars.
failure-no-randomness = The system provides no random numbers: it is not possible to go on.
failure-too-large = A record is too large for the store.
failure-read-only = The store is read-only after an error of the disk: start the agent again.
failure-no-credentials = The store's key is missing: the service was given no credentials (CREDENTIALS_DIRECTORY).
failure-tls-key-permissions = The TLS key { $file } may be read by others. Run “chmod 600 { $file }” and start the agent again.
failure-key-permissions = A key's file may be read by others: only its owner may read it (0600).
failure-key-unusable = A key's file does not hold 32 bytes.
failure-unlock-missing = { $file }, which the passphrase opens, is missing, and there is a store already: it was made with a key in a file (source = "credential"), or the file was lost. Put it back from a copy; without one, restore a backup into a new folder.
failure-no-memory = There is not enough free memory to open the store with the passphrase: it takes 256 MiB.
failure-no-space = The disk is full. What was safe is still there: make room, and repeat.
failure-passphrase-short = The passphrase is empty or too short: at least { $min } characters. Without a terminal it is read from the first line of standard input.
failure-passphrase-long = The passphrase is too long: at most { $max } bytes.
failure-passphrase-file-permissions = Others can read { $file }, which holds the passphrase: it must be yours alone (chmod 600). If anybody may have read it, do not use it any more.
failure-passphrase-file-lines = { $file } must hold the passphrase and nothing else: one single line.
failure-passphrase-unreadable = The passphrase cannot be read from { $file }: { $detail }
failure-passphrases-differ = The two passphrases differ: nothing was changed.
failure-no-passphrase = This office's store does not open with a passphrase: in the configuration, [unlock] names a credential.
failure-no-identity = This agent has no identity key yet.
failure-identity-differs = The identity key to be imported is another than the one in the store.
failure-journal-there = There is a store here already ({ $file }): nothing was written. If it was refused as damaged, repeat with --set-aside: it is set aside, not deleted.
failure-no-journal = There is no store in this folder yet: there is nothing to copy.
failure-erase-unconfirmed = Nothing was erased. With --yes the case { $codice } becomes unreadable in this office, for ever: letters, proofs of delivery, and what still waits to be sent, which will not be sent. The other offices keep what they received; backups made so far hold it until they expire.
failure-backup-no-folder = The folder of backups { $file } is missing: is its disk connected? The folder is to be made by hand, once.
failure-backup-not-written = The backup was not written ({ $file }): the disk gave an error. The earlier ones are still there.
failure-backup-file-exists = { $file } is there already: it is not overwritten.
failure-backup-stopping = The agent is stopping: the backup was not made.
failure-backup-unreadable = { $file } cannot be read. Nothing was written.
failure-backup-key-unusable = { $file } holds no age key (a line AGE-SECRET-KEY-1…). Nothing was written.
failure-backup-wrong-key = { $file } does not open with this key. Nothing was written.
failure-backup-damaged = { $file } is damaged or cut, or is not the right file. Nothing was written.
failure-backup-other-office = { $file } is of another office or another network. Nothing was written.
failure-backup-version = { $file } was written by another version of Raccordo. Nothing was written.
failure-tombstones-missing = No file of erased cases is to be found ({ $file }): without it they would become readable again. Nothing was written. Name it with --tombstones; or, if it is gone, repeat with --without-tombstones and erase by hand again what was erased.
failure-unknown = code { $code }

## What a rule forbids

refusal-unknown-operator = This user of the computer is not one of the office's operators. Whoever looks after the agent can add them with “raccordo-agent operator add”.
refusal-not-referente = Only someone with the role of referente may answer, take in charge, erase a case or confirm a key.
refusal-role = Your role in this office does not allow it.
refusal-codice-inesistente = There is no such code.
refusal-no-authorisation = There is no valid authorisation of the woman for “{ $ufficio }” to know who she is. The confidential part has not left.
refusal-no-parte-riservata = This case has no confidential part.
refusal-already-sent = The confidential part was sent to “{ $ufficio }” already.
refusal-directory-expired = The network's directory has expired: no new referral can be sent until the network's administration renews it.
refusal-directory-expired-on = The network's directory expired on { $expires }: no new referral can be sent until the network's administration renews it.
refusal-no-directory = This agent does not have the network's directory yet.
refusal-no-such-operator = Nobody of this office has this pseudonym: "raccordo-agent operator list" lists them.
refusal-operator-exists = This user, or this pseudonym, is registered already.
refusal-dev-only = For trials: it works with --dev only.
refusal-store-failed = This office's store cannot write: nothing was sent. Tell whoever looks after the computer.
refusal-text-too-long = The text is too long: at most { $max } characters.
refusal-letter-too-large = All together it is too long for one letter: shorten the texts or the lists.
refusal-bad-date = The date is not valid: write YYYY-MM-DD, and not a day that has passed.
refusal-unknown-office = “{ $ufficio }” is not among the offices of this case.
refusal-key-differs = The key of «{ $ufficio }» is not the one that you confirmed, or has changed again: look at «raccordo-agent office keys» once more.
refusal-nothing-to-accept = The key of «{ $ufficio }» is the one that you know already: there is nothing to confirm.
refusal-words-differ = These are not the words of the key that the network's directory has for «{ $ufficio }»: nothing was confirmed. Have them read again; if they still differ, tell the network's administration and send nothing.
refusal-no-backup = The configuration has no section [backup]: nobody knows where a backup goes, nor for which key. Begin with «raccordo-agent backup new-key FILE», on another computer.
refusal-read-only = This office's store is read-only: nothing was sent. Tell whoever looks after the computer.
refusal-busy = The agent is busy: try again in a few seconds.
refusal-unknown = The agent refused the request (code { $code }).

## What to correct in a form or in the configuration

fault-line = { $file }: { $key }: { $sentence }
fault-line-whole = { $file }: { $sentence }
fault-line-typed = { $key }: { $sentence }
fault-not-toml = line { $line } does not follow the rules of TOML (quotes, brackets, equals signs)
fault-unknown-key = there is no such key: check its spelling
fault-wrong-type = { $expected ->
    [text] must be a text between quotes
    [flag] must be true or false
    [number] must be a whole number, without quotes
    [list] must be a list of texts, like ["A", "B"]
    [date] must be a date, like 2026-11-20
    [table] must be a group of keys
    [tables] must be a list of groups of keys
   *[other] is not of the right type
}
fault-bad-date = is not a date: write YYYY-MM-DD
fault-required = is required
fault-not-allowed = may only be: { $allowed }
fault-too-many = has too many items: at most { $max }
fault-too-long = is too long: at most { $max } characters
fault-emergency = Raccordo is no emergency channel. In danger: 112. Someone to talk to, day and night: 1522. Here one writes ORDINARIA, or URGENTE (and telephones anyway)
fault-date-needed = with CONCLUSA the date is needed
fault-only-with-programme = is for the programme only: take it out
fault-programme-needed = to enter the programme, name the programme
fault-unknown-programme = this programme is not in the network's directory
fault-unknown-office = “{ $ufficio }” is not an office of the network's directory
fault-unknown-equipe = “{ $equipe }” is not an équipe of the network's directory
fault-office-cannot-receive = “{ $ufficio }” cannot receive referrals
fault-missing-authorisation = there is no authorisation for “{ $ufficio }”: add it, or put the office in chi_non_deve_sapere
fault-no-recipients = no office is left to send to
fault-authorisation-expired = the authorisation for “{ $ufficio }” has expired
fault-duplicate-authorisation = “{ $ufficio }” stands there twice: keep one row
fault-past-date = the day has passed
fault-sender-among-recipients = it is your own office: nobody sends to herself
fault-way-to-equipe = goes to an équipe: --comune NAME, or --equipe ID
fault-way-to-cpi = is asked of a CPI: --cpi ID
fault-way-to-office = is asked of an office: --ufficio ID
fault-unknown-comune = no municipality of Lombardy has this name or ISTAT code: check how it is written, or choose the équipe with --equipe
fault-part-of-comune = no municipality has just this name. Perhaps: { $candidates }
fault-part-of-many-comuni = no municipality has just this name. Perhaps: { $candidates } (and { $more } more)
fault-no-ambito = the network's directory does not say to which ambito this municipality belongs: choose the équipe with --equipe, and tell who administers the network
fault-no-equipe = no équipe for the ambito “{ $ambito }”: { $uffici ->
    [none] ask who administers the network whom to turn to
   *[other] phone { $uffici } to learn whom to turn to
}
fault-two-equipes = more than one équipe serves the ambito “{ $ambito }” ({ $equipes }): choose with --equipe, and tell who administers the network
fault-kept-out = “{ $ufficio }” is in chi_non_deve_sapere: it cannot be the recipient
fault-office-no-cpi-services = “{ $ufficio }” does not offer the services of CPIs
fault-office-out = “{ $ufficio }” does not take part in the network today: ask who administers it
fault-office-not-reachable = the network's directory does not foresee that you write to “{ $ufficio }”: ask who administers it
fault-seat-to-avoid = “{ $ufficio }” is among the seats to avoid, and would get the segnalazione: put it in chi_non_deve_sapere, or correct it
fault-directory-unconfirmed = for over a month nobody has confirmed the network's directory: it may no longer be right. If in doubt, first ask the network's administration who is still in it
fault-seat-unknown = one of the seats to avoid is no office of the directory: Raccordo can prevent nothing there. Correct the name if it is an office of the network; if it is not, repeat with --checked
fault-reader-not-addressed = “{ $ufficio }” does not get this segnalazione: it cannot have the parte riservata
fault-reader-not-authorised = “{ $ufficio }” has no valid authorisation ANCHE_CHI_SONO: add it, or take the office out of per
fault-future-date = the date is still to come
fault-no-number = a phone number is needed, or an e-mail address
fault-bad-codice-fiscale = a codice fiscale has sixteen letters and digits
fault-phone-needed = the chosen channel needs a number or an e-mail address
fault-bad-name = is not a valid name: lowercase letters, digits and hyphens, 2 to 40 of them
fault-bad-endpoint = at least one address is needed, written as name:port
fault-out-of-range = must be a whole number from { $min } to { $max }
fault-keyring-not-planned = the system's keyring is not planned here: credential or passphrase can be written
fault-only-with-credential = belongs to source = "credential" only: take it out
fault-bad-recipient = is no age public key: it begins with age1, and «raccordo-agent backup new-key FILE» gives it
fault-holds-name = there seems to be a person's name: write what she is to her ("the daughter", "the social worker"). If you have checked and it is not so, repeat with --checked
fault-holds-phone = there seems to be a phone number: hers belongs in the parte riservata only, a service's in recapito_servizio (or --telefono). If you have checked and it is not so, repeat with --checked
fault-holds-contact = there seems to be an e-mail address or a profile: hers belongs in the parte riservata only, a service's in recapito_servizio (or --telefono). If you have checked and it is not so, repeat with --checked
fault-holds-address = there seems to be an address or an exact place: write "in the area", or leave it out. If you have checked and it is not so, repeat with --checked
fault-holds-codice-fiscale = there seems to be a codice fiscale: it belongs in the parte riservata only, if it is needed. If you have checked and it is not so, repeat with --checked
fault-holds-document = there seems to be a document's number: write only which document it is. If you have checked and it is not so, repeat with --checked
fault-holds-birth = there seems to be a date of birth: the age band is enough. If you have checked and it is not so, repeat with --checked
fault-recognisable = together these facts may make her recognisable in a small territory: { $campi }. Leave out those that are not needed; if all are, repeat with --checked
fault-unknown = is wrong (code { $code })

## Outbox

kind-segnalazione = referral
kind-parte-riservata = confidential part
kind-riscontro = riscontro
kind-presa-in-carico = taking in charge
outbox-empty = No letter was sent.
outbox-row = { $codice }  { $kind } → { $ufficio }: { $state }
outbox-queued = waiting: { $reason }, since { $since }
outbox-delivered = delivery confirmed, { $since }
outbox-read = reading confirmed, { $since }
outbox-taken = taken in charge, { $since }
outbox-blocked = Delivery failed: { $reason }, since { $since }. To be acted on by: { $turn }.
outbox-unknown = unknown state
outbox-can-disclose = The confidential part can be sent: raccordo-agent case disclose { $codice } --to { $ufficio }

reason-none = about to leave
reason-unknown = { $code }
reason-gateway-unreachable = the gateway cannot be reached
reason-unspecified = no reason given
reason-unauthenticated = the certificate was not recognised
reason-not-allowed = the network's directory or the authorisations do not allow sending to { $ufficio }
reason-agency-revoked = { $ufficio } is no longer part of the network
reason-agency-suspended = { $ufficio } is suspended from the network
reason-agency-evicted = { $ufficio } had a machine whose keys count no more: when it enrols another one, somebody here must confirm it
reason-agency-banned = { $ufficio } is out of the network for ever
reason-directory-stale = the network's directory must be updated
reason-in-transmission = on its way, awaiting the receipt
reason-directory-expired = the network's directory has expired
reason-membership-changed = { $ufficio } is no longer among the offices of the équipe
reason-unknown-recipient = { $ufficio } has no active agent in the network's directory
reason-recipient-absent = { $ufficio } is not connected
reason-superseded = this agent is connected from elsewhere
reason-too-large = the letter is too large
reason-too-many = too many letters left in a short time
reason-busy = the gateway is busy, it will be tried again automatically
reason-malformed = { $ufficio } could not read the envelope
reason-version = { $ufficio } uses another version
reason-suite = { $ufficio } uses another cipher
reason-signature = the signature was not accepted
reason-unknown-key = { $ufficio } has changed its key, it will be tried again automatically
reason-expired-key = the key of { $ufficio } has expired, it will be tried again automatically
reason-out-of-time = the clocks of the two computers show different times
reason-replayed = the envelope had arrived already, it will be tried again automatically
reason-decryption = { $ufficio } could not open the envelope
reason-padding = { $ufficio } could not read the envelope
reason-inconsistent = the envelope does not match who sent it
reason-kind-not-allowed = { $ufficio } does not accept this kind of letter yet
reason-key-changed = the key of { $ufficio } has changed
reason-no-space = { $ufficio } has no space left in its store
reason-read-only = the store of { $ufficio } is read-only
reason-equivocation = { $ufficio } has already received another letter with the same identifier
reason-not-accepted = { $ufficio } did not accept the envelope

turn-network = the network's administration
turn-recipient = { $ufficio }
turn-office = whoever looks after Raccordo in your office
turn-author = whoever wrote the referral, who can check the authorisations; then the network's administration
turn-key = a referente of your office: phone { $ufficio }, at the number that you know already, have the words of their key read to you and compare them with «raccordo-agent office keys»

## Keys of other offices

keys-own = The words of this office, to be read to whoever phones to confirm its key: { $words }
keys-none = No office waits for a confirmation.
keys-office = { $ufficio } has a new key. Its words: { $words }
keys-accept = To confirm it: raccordo-agent office accept-key { $id } --words "…"
keys-accept-case = To send it the parte riservata of case { $codice }: raccordo-agent office accept-key { $id } --case { $codice } --words "…"
keys-how = Phone the office, at the number that you know already and not at one that has just come: they must read you the words, which they see with “raccordo-agent office keys”. Type those that you hear.

## Inbox

inbox-empty = No case has arrived.
inbox-row = { $codice }  from { $sender }  { $urgenza }  arrived { $since }  { $state }
office-state-unspecified = to be read
office-state-consegnata = to be read
office-state-riscontrata = answered
office-state-presa-in-carico = taken in charge
urgenza-unspecified = —
urgenza-ordinaria = ordinary
urgenza-urgente = URGENT (and telephone anyway)

## One case

show-case = Case { $codice }
show-letter = { $kind } by { $sender } ({ $operator }), { $since }
riservata-later = Written or corrected on { $since }: not the text announced with the referral
show-recipients = Only these can read it: { $uffici }; whoever runs the network cannot
show-field = { $label }: { $value }
show-yes = yes
show-no = no
kind-unspecified = letter

label-tipo-richiesta = Request
label-programma = Programme
label-urgenza = Urgency
label-aree-richieste = Areas
label-bisogno = What she needs
label-recapito-servizio = Phone of the referring service
label-in-carico = Followed by the anti-violence network
label-fascia-eta = Age
label-cittadinanza = Citizenship
label-figli-minori = Children under age
label-figli-eta = Ages of the children
label-condizione = Work
label-da-oltre-12-mesi = For over 12 months
label-titolo-studio = Education
label-lingua = Language
label-serve-mediazione = A mediator is needed
label-disponibilita-oraria = Hours
label-competenze = Skills
label-obiettivi = Aims
label-avvio-proposto = Proposed start
label-nome = Given name
label-cognome = Family name
label-data-nascita = Date of birth
label-codice-fiscale = Codice fiscale
label-recapiti-da-non-usare = Contacts not to be used
label-credenziali = Digital credentials at risk
label-domicilio-protetto = Protected home
label-sedi-ok = Offices where she can safely go
label-sedi-da-evitare = Offices to be avoided
label-note-sicurezza = Safety notes
label-chi-segue = Followed by
label-telefono = Phone
label-entro-il = They answer by
label-testo = Text

tipo-richiesta-unspecified = —
tipo-richiesta-inserimento-nel-programma = entry into the programme
tipo-richiesta-servizi-cpi = services of the employment centre
tipo-richiesta-altro-servizio = another service
area-unspecified = —
area-lavoro = work
area-mantenimento-lavoro = keeping her work
area-formazione = training
area-autoimprenditorialita = a business of her own
area-abitare = housing
area-conciliazione = work and care
area-sostegno-economico = economic support
stato-in-carico-unspecified = not said
stato-in-carico-in-corso = now
stato-in-carico-conclusa = ended
in-carico-until = { $state }, { $value }
word = { $value ->
    [IT] Italian
    [UE] of another country of the European Union
    [EXTRA_UE] of a country outside the European Union
    [OCCUPATA_TI] employed, permanent
    [OCCUPATA_TD] employed, fixed term
    [PRECARIA] precarious work
    [AUTONOMA] self-employed
    [IN_CONGEDO] on leave
    [DISOCCUPATA] unemployed
    [INOCCUPATA] never employed
    [INATTIVA] inactive
    [NON_RILEVATA] not recorded
    [ORA] now
    [DA_CONCORDARE] to be agreed
    [SI] yes
    [NO] no
    [NON_SO] not known
    [TUTTI_QUELLI_IN_ARCHIVIO] all that your archives hold
   *[other] { $value }
}

## What was done

done-segnalata = Referral { $codice } written, signed and safe in this office.
done-territory = Territory { $comune } → équipe “{ $equipe }”.
done-recipients = Only these can read it: { $uffici }; whoever runs the network cannot.
done-delivered = Delivered to: { $uffici }.
done-riscontro = Riscontro of case { $codice } written and signed.
done-take = Taking in charge of case { $codice } written and signed.
done-disclose = Confidential part of case { $codice } written and signed for { $ufficio }.
done-export = Case { $codice } written to { $file }: it holds confidential data, keep it with care.
done-operator = { $name } may act from now on, as { $pseudonym }.
done-erase = The case { $codice } is erased from this office. Backups made so far hold it until they expire.
done-erase-tombstones = WARNING: beside the backups it was not written that the case is erased ({ $reason }). Mend that and run «raccordo-agent backup now»: otherwise a restore would bring it back.
done-accept-key = The new key of { $ufficio } is confirmed: what waited leaves by itself.
done-passphrase = The passphrase has been changed. An old copy of unlock.bin still opens with the former one: if you have any, destroy them.
done-backup-key = The key of the backups was written to { $file }. Only this part goes into the agent's configuration, with the folder of the backups (folder):
done-backup-key-away = The file { $file } opens all backups: do not leave it on this computer. Put it on two sticks in two locked places, try to read it, and delete it here. Without it the backups are worth nothing.
done-backup = Backup written to { $file }: { $records } records.
done-backup-removed = { $count ->
    [one] One old backup was removed.
   *[other] { $count } old backups were removed.
}
done-backup-identity = This backup holds the office's identity key too: whoever opens it can sign in your place.
done-restore = The backup of { $at } was restored: { $records } records.
done-restore-erased = { $count ->
    [0] No case was left out.
    [one] One case was left out, because it had been erased.
   *[other] { $count } cases were left out, because they had been erased.
}
done-restore-aside = The store that was here was set aside in { $folder }. When it is no longer needed, delete that folder: as long as it is there, cases that you erase from now on stay readable in it.
done-restore-damaged = Set aside in the same folder, because they were damaged or open no more: { $files }.
done-restore-identity = The office's identity key comes from the backup.
done-restore-enrol = There is no identity key here, and the backup holds none: before it starts again this office must be enrolled in the network anew, and the other offices will have to confirm the new key.
done-restore-next = Start the agent now: by itself it asks the other offices for what has passed since the backup. What was written only here after the backup (authorisations, offices kept out) is gone: whoever was still waiting is referred anew.

## How the agent is

status-office = Office { $agency }, network { $network }
status-directory = Directory of the network, version { $version }
status-attached = Connected to the gateway
status-detached = Not connected to the gateway: { $reason }
status-queued = { $count ->
    [0] No letter is waiting
    [one] One letter is waiting
   *[other] { $count } letters are waiting
}
status-directory-rival = CAREFUL: there is another directory of the network with the same version, signed as well (seen { $seen }). Until the network's administration signs a new one that settles it nothing leaves from here: call them.
status-forked = WARNING: of { $count } letters the sender signed two different versions. They are not shown: tell the administration of the network.
status-put-back = WARNING: the data folder of this office had been put back from an older copy (noticed on { $at }). What was missing has been asked of the other offices. Look at the letters that were not delivered; and tell your IT service to use «raccordo-agent restore», not copies of the disk.
status-differing = WARNING: { $ufficio } says that it has another letter of { $mittente } in the place of one that is here. Phone both: one of them has a fault, or does not tell the truth.
status-rejections = Rejections recorded (others' letters or the gateway): { $list }
status-gaps = { $count ->
    [one] In one conversation a letter is missing: its author was asked for it again.
   *[other] In { $count } conversations a letter is missing: their authors were asked for them again.
}
status-keys = Waiting for a confirmation, because their key has changed: { $uffici }. How to: raccordo-agent office keys
status-no-backup = WARNING: no backups are made of this office. If the disk breaks, everything is lost: add the section [backup] to the configuration.
status-backup = Last backup: { $at }
status-backup-none-yet = No backup yet.
status-backup-fault = WARNING: the last backup failed: { $reason }
reason-own-unknown = { $code }
reason-own-agency-suspended = this office is suspended from the network. Its keys stay: when the administration lets it in again it connects by itself
reason-own-agency-evicted = the keys of this machine count no more. The office may enrol again at once, with new keys
reason-own-agency-revoked = this office has been taken out of the network. To come back it must be admitted anew
reason-own-agency-banned = this office has been shut out of the network for ever
link-unreachable = no answer
link-tls = the protected connection fails: check certificate and clock

## Diagnosis (doctor)

light-green = [ good ]
light-yellow = [ look ]
light-red = [ BAD  ]
doctor-who-office = → It is up to you, in this office: to whoever administers this computer.
doctor-who-it = → It is up to whoever looks after the computers and the network of your body. The letter for them: raccordo-agent doctor --letter FILE
doctor-who-network = → It is up to whoever administers the Raccordo network: call them.
doctor-all-good = All is well.
doctor-works = It works; the lines marked "look" want a look.
doctor-broken = Something is wrong: begin with the first line marked "BAD". What is written already is safe here, and leaves by itself when it can.
doctor-agent-attached = The agent runs, and is attached to the gateway.
doctor-agent-detached = The agent runs, but is not attached to the gateway: { $reason }.
doctor-agent-waits = The agent runs and is not attached yet: the gateway answers, and the agent tries again by itself within five minutes.
doctor-agent-stopped = This office's agent does not run: start it with "raccordo-agent serve".
doctor-agent-forbidden = The agent runs, but this user of the computer may not speak to it.
doctor-clock-good = The computer's clock is right.
doctor-clock-off = The computer's clock is { $side ->
    [ahead] ahead
   *[other] behind
} by about { $minutes } minutes: it must be set, or set itself.
doctor-clock-wrong = The computer's clock is { $side ->
    [ahead] ahead
   *[other] behind
} by about { $minutes } minutes: until it is mended nothing leaves and nothing arrives.
doctor-clock-behind = The computer's clock is behind: to it, certificate or directory are not valid yet.
doctor-clock-unknown = The clock can be checked only when the gateway answers.
doctor-gateway-answers = The gateway { $host }:{ $port } answers, and it is our network's.
doctor-gateway-no-name = The name { $host } (port { $port }) leads to no address: this network's DNS does not know it, or there is no Internet.
doctor-gateway-refused = Nothing listens at { $host }:{ $port }: the gateway has stopped, or a firewall turns the connection away.
doctor-gateway-silent = { $host }:{ $port } does not answer: a firewall usually holds back the outgoing connection.
doctor-gateway-cut = The connection to { $host }:{ $port } is cut while it begins: usually by a filter on the way.
doctor-gateway-not-tls = What answers at { $host }:{ $port } is not the gateway: a proxy, or the sign-in page of a network.
doctor-gateway-no-agreement = With { $host }:{ $port } no protected connection can be agreed on (TLS 1.3 with X25519MLKEM768): usually a device that inspects it.
doctor-gateway-inspected = The connection to { $host }:{ $port } is opened and inspected on the way: the certificate is not our network's, "{ $issuer }" signed it. Raccordo does not attach like this, and rightly so.
doctor-gateway-dates = The certificate of the gateway { $host }:{ $port } is out of its dates: it has expired, or this computer's clock is wrong.
doctor-gateway-unjudged = { $host }:{ $port } takes the connection; to know whether it is the right gateway, repeat as the user who runs the agent.
doctor-gateway-other = At { $host }:{ $port } the gateway of another Raccordo network answers ("{ $issuer }"): the address in the configuration is wrong.
doctor-proxy-unused = A proxy is set on this computer ({ $names }); Raccordo does not use it, and connects all the same.
doctor-proxy-needed = A proxy is set on this computer ({ $names }): perhaps it is the only way out. Raccordo connects directly: a direct way out must be opened.
doctor-certificate-good = This machine's certificate is good for { $days } more days, until { $until }.
doctor-certificate-soon = This machine's certificate ends in { $days } days, on { $until }: it must be renewed.
doctor-certificate-over = This machine's certificate has ended ({ $until }): it must be renewed.
doctor-certificate-not-yet = This machine's certificate is not valid yet: the computer's clock is behind.
doctor-certificate-forbidden = This user may not read the office's certificate, and that is right: to check it, repeat as the user who runs the agent.
doctor-certificate-anothers = This machine's certificate is another office's, or does not fit its key: put the activation's files back.
doctor-certificate-unreadable = This machine's certificate cannot be read: it is missing, damaged, or this user may not open it.
doctor-identity-good = The office's identity key is good for { $days } more days, until { $until }.
doctor-identity-soon = The office's identity key ends in { $days } days, on { $until }: it must be renewed.
doctor-identity-over = The office's identity key has ended ({ $until }).
doctor-identity-not-in = In the network's directory this office has no active machine: it is suspended, revoked or not enrolled yet.
doctor-directory-good = The network's directory: version { $version }, signed on { $issued }, good until { $until } ({ $days } days).
doctor-directory-soon = The network's directory: version { $version }, signed on { $issued }; it ends in { $days } days, on { $until }. It must be signed again.
doctor-directory-over = The network's directory: version { $version }, signed on { $issued }, ended on { $until }. Receiving and answering go on, but no new referral leaves.
doctor-directory-rival = There is another directory of the network with the same version, signed as well (seen { $seen }): nothing leaves from here until a new one settles it.
doctor-directory-unconfirmed = The network's directory: version { $version }. Nobody has confirmed it since { $until }: each new segnalazione asks to look again first.
doctor-directory-none = There is no directory of the network here yet.
doctor-directory-unknown = The network's directory can be checked only when the agent runs.
doctor-disk-good = Free space on the disk: { $mib } MiB.
doctor-disk-low = { $mib } MiB are left on the disk: make room.
doctor-disk-full = Only { $mib } MiB are left on the disk: soon the office can neither receive nor write.
doctor-disk-unknown = How much space is free on the disk cannot be found out.
doctor-backup-good = Last backup: { $at }.
doctor-backup-old = The last backup is more than a week old: { $at }.
doctor-backup-none-yet = Backups are configured, but there is none yet.
doctor-backup-none = No backups are made of this office: if the disk breaks, everything is lost. Add [backup] to the configuration.
doctor-backup-failed = The last backup did not succeed: "raccordo-agent status" says why.
failure-letter = Cannot write the letter to { $file }: { $detail }
done-letter = Letter written to { $file }: read it, and give it to whoever looks after computers and network.
letter-nothing = we found no obstacle today: the request is for the future
letter =
    Date: { $day }
    To whoever looks after the computers and the network of the body

    Subject: direct way out for the program Raccordo

    On a computer of our office runs Raccordo, the program by which the offices
    of a network of services write to each other. To work it opens a single
    connection, outgoing, and takes none. It goes to:

    { $endpoints }

    We kindly ask to:

    1. allow this outgoing TCP connection, direct, without a proxy;
    2. neither open nor inspect it (TLS inspection): it is TLS 1.3 with certificates
       of the Raccordo network at both ends, and the key exchange X25519MLKEM768.
       Another certificate is refused, and the program does not connect;
    3. let the first message of TLS pass whole, which is larger than usual: the key
       exchange alone is 1,216 bytes;
    4. not close it while it is silent: it stays open all day, and sends a signal
       every half minute;
    5. keep the computer's clock synchronised (NTP): beyond ten minutes of
       difference nothing leaves and nothing arrives.

    What we found today from this computer:

    { $found }

    The content is encrypted from office to office. No incoming port is needed.
    To try again: raccordo-agent doctor

## Printing

sheet-lang = en
sheet-title = Raccordo – servizi in rete
sheet-letter = { $kind } by { $sender }, { $since }
sheet-printed = Page made on { $day }.
sheet-no-content = This sheet holds neither needs nor names: it says only which letters there are, between whom, when, and by when an answer comes. If another office of your body must not know of this case, keep it out of a common register.
sheet-destroy = Holds confidential data. Do not leave it in view, do not attach it to a register, do not photograph it; destroy it as soon as it is not needed.
done-sheet = Sheet of the case { $codice } written to { $file }: open it in a browser and print it. It holds neither needs nor names.
done-scheda = Scheda of the case { $codice } written to { $file }: open it in a browser and print it. It holds confidential data: remove the file once it is printed.
failure-file-exists = { $file } is there already: it is not overwritten.

## Passphrase

ask-passphrase = Passphrase of the store:
ask-passphrase-new = New passphrase of the store (at least { $min } characters):
ask-passphrase-again = Once more:

## Help of the command line

help-usage = Usage:
help-commands = Commands
help-options = Options
help-help = Print this help
help-version = Print the version
help-root = Raccordo: the agent of one office
help-serve = Runs this office's agent. With source = "passphrase" it asks for the passphrase; without a terminal it reads it from the first line of standard input
help-segnala = Sends a referral: to the équipe (--comune or --equipe), to a CPI, to another office
help-inbox = Cases that have arrived
help-inbox-list = Lists the cases that have arrived
help-inbox-show = Shows a case
help-inbox-riscontro = “We have read it”: says who follows it and by when an answer comes
help-inbox-take = “We take our part”
help-outbox = Letters sent and, for each office, where they are
help-case = One case
help-case-export = Writes a case to a file, with the proofs of delivery
help-case-disclose = Sends the confidential part to an office
help-case-erase = Erases a case from this office for ever
help-office = Other offices
help-office-keys = Offices that have a new key, with its words
help-office-accept-key = Confirms an office's new key
help-backup = Backups
help-backup-new-key = Makes the key that opens backups: on another computer
help-backup-now = Makes a backup now
help-restore = Restores this office from a backup, while the agent is stopped
help-unlock = How the store is opened
help-unlock-change-passphrase = Changes the passphrase; the agent must not be running. Without a terminal: the first line of standard input is the present one, the second the new one
help-operator = Who may act in this office
help-operator-add = Adds a person
help-status = Shows how the agent is
help-watch = Shows what happens: a JSON line per event
help-arg-config = Configuration file (or RACCORDO_CONFIG)
help-arg-dev = For trials: allows .invalid networks
help-arg-json = Answers with a JSON object
help-arg-lang = Language of the sentences: it or en
help-arg-operator = Acts as this pseudonym (with --dev only)
help-arg-record-link = Writes the envelopes sent to a file (with --dev only)
help-arg-form = The form, a TOML file
help-arg-equipe = The équipe it is sent to
help-arg-comune = Where the woman can safely go: the municipality, by name or ISTAT code. It stays on this computer
help-arg-cpi = The CPI that is asked for the services owed to everyone (SERVIZI_CPI)
help-arg-ufficio = Another office (ALTRO_SERVIZIO)
help-arg-wait = Waits for the confirmations of delivery, 60 seconds at most
help-arg-checked = I have checked: sends although the program believes it sees names, contacts or other data that tell who she is
help-arg-codice = The case's code
help-arg-chi-segue = Who follows it: a role, not a name
help-arg-telefono = The office's phone
help-arg-entro = By when an answer comes: YYYY-MM-DD
help-arg-testo = Free text
help-arg-out = The file to be written
help-arg-to = The office
help-arg-name = The person's name, which never leaves this office
help-arg-uid = The person's user number on this computer
help-arg-ruolo = The person's role; may be repeated
help-arg-pseudonym = The pseudonym, chosen instead of random (with --dev only)
help-arg-until = Ends when this happens: EVENT or EVENT:OFFICE
help-arg-timeout = How many seconds to wait
help-arg-yes = Erases; without it, only says what would happen
help-arg-office = The office
help-arg-words = The words of the key, as that office reads them
help-arg-case = A case whose parte riservata goes to it too
help-arg-with-identity = Puts the office's signing key in the backup too: whoever opens that backup can sign in your place
help-arg-file = The backup
help-arg-identity = The file with the key that opens backups
help-arg-tombstones = One more file of erased cases, besides those beside the backup
help-arg-without-tombstones = Restores what was erased after the backup, too
help-arg-set-aside = Sets the store that is there aside, and what is damaged

done-request = Request written: { $file }. Send it to the network's administration; the keys stay in this folder.
done-request-words = Words of this machine: { $words }. Read them on the phone to whoever approves the request.
done-activate = This computer is now the office «{ $agency }»'s: { $config }. To run it: raccordo-agent --config { $config } serve
done-activate-words = Words of the network: { $words }. Before you use it ask the administration on the phone whether these are they: if not, it is somebody else's network.
failure-already-active = There is an active agent in { $folder } already (agent.toml): another machine needs another folder; for this one's next certificate, --renew.
failure-keys-there = There is { $file } in this folder already, without the request that would speak of it: keys are not written over, and nothing was written. If a request has been sent to the administration, put its copy back here (request.bin); if none was ever sent, whoever looks after this computer may remove identity.seed and key.pem and repeat the command.
failure-no-request = There is no request in { $folder }: first «raccordo-agent enrol --request FILE».
failure-request-damaged = { $file } is damaged ({ $fault }): delete the folder and make a new request.
failure-activation-of-another = { $file } answers another machine's request ({ $fault }): nothing was written. The administration must send the activation of this request.
failure-activation-tampered = { $file } is not the activation that left: it was changed or damaged on the way, or has expired ({ $fault }). Nothing was written. The administration must send it again.
failure-network-words = The network's words are others ({ $words }): they were misread, or the activation is somebody else's. Nothing was written. Call the administration back at a number that you knew before.
failure-no-gateway-listed = The activation names no gateway: the administration must add it (raccordo-admin gateway add), sign the directory again and approve the request again. Nothing was written.
failure-enrolment-file = Cannot read or write { $file }: { $detail }
failure-keys-gone = The key { $file } is missing, or is not that of this folder's request: the activation would be good for nothing, and nothing was written. Put the file back; if it is lost, make a new request in a new folder, and tell the network's administration.
failure-enrolment-too-large = { $file } is too large: it is no activation of Raccordo.
help-enrol = Makes this computer's keys and writes the request for the network's administration
help-activate = Takes the administration's answer and writes the configuration
help-arg-request = The file to write the request to
help-arg-folder = The folder of this office's agent
help-arg-answer = The activation that the administration has sent
help-arg-passphrase = A passphrase will open the store, and no file
help-doctor = Checks clock, network, certificate, directory, disk and backups, and says who must act
help-case-show = Shows a case, written or received
help-case-sheet = Writes a case as a page to be printed: a sheet without content, or with --scheda everything that may be read here
help-arg-letter = Writes a letter here for whoever looks after the computers and the network of the body
help-arg-scheda = With all the content that this office may read
done-manual = Pages of the manual written to { $folder }.
failure-manual = Cannot write the pages of the manual to { $folder }: { $detail }
help-completions = Writes the completion of commands for a shell to standard output
help-arg-shell = The shell
help-man = Writes the pages of the manual (man), one per command
help-arg-manual = The folder for them
done-disabled = { $pseudonym } can do nothing more in this office from now on. What she wrote stays, under her pseudonym; her cases are seen by whoever is referente.
no-operators = Nobody of this office may act yet: "raccordo-agent operator add".
operator-line = { $pseudonym }  { $name }  user { $uid }  { $ruoli }
operator-disabled = { $pseudonym }  { $name }  user { $uid }  { $ruoli }  (may not act any more)
help-operator-list = Lists the people of this office
help-operator-disable = Takes from a person all that she may do; what she wrote stays
help-arg-whom = Her pseudonym

done-renewal-request = Request for a renewal written: { $file }. Send it to the administration of the network: there is nothing to be read on the phone, this computer's identity key signs it. The agent goes on with the certificate that it has.
done-renewal = Certificate of «{ $agency }» renewed: it counts from the next connection, and the agent needs no restart.
failure-not-active = There is no active agent in { $folder } (agent.toml): a first certificate is asked for without --renew.
failure-not-started = The agent of { $folder } has never started: start it once, then type this again.
failure-no-renewal = There is an active agent in { $folder } already (agent.toml), and no request for a renewal waits for an answer: first «raccordo-agent enrol --renew --request FILE». Nothing was written.
failure-renewal-other-trust = { $file } comes from a network with other administration keys (words: { $words }): nothing was written. If the administration has changed them, ask for the words on the phone and type this again with --words.
help-arg-renew = Asks for the next certificate of this computer, which is active already

done-deposit = Request of «{ $agency }» deposited at the gateway. Words of this machine: { $words }. Read them on the phone to the network's administration, at a number that you know already. This program then waits for the answer: it may be stopped (Ctrl+C), and the same command typed again.
done-enrol-online = This computer is now the office «{ $agency }»'s: { $config }. From tomorrow on, to run it: raccordo-agent --config { $config } serve
note-gateway-silent = The gateway { $gateway } does not answer yet ({ $detail }): trying on.
failure-invitation-unreadable = { $file } is no invitation, or not all of it ({ $fault }): ask the administration to send it again. Nothing was done.
failure-invitation-ended = The invitation of «{ $agency }» has ended: it is good for 72 hours. The administration must make another (agency invite). The keys of this folder stay.
failure-invitation-unknown = The gateway { $gateway } does not know this invitation ({ $detail }): it is not in its directory yet, or was withdrawn or replaced. The administration must sign and hand in the directory (directory sign, directory publish), or make another invitation.
failure-invitation-spent = Another request was deposited with this invitation already ({ $detail }): an invitation is good for one machine. If you made it in another folder, go on from there; if not, tell the administration at once, and ask for another invitation.
failure-invitation-gateway = Who answers at { $gateway } is not the gateway of the invitation ({ $detail }): nothing was given to it. Tell the administration.
failure-deposit-refused = The gateway { $gateway } refuses the request ({ $detail }). The administration must look why, with whoever runs the gateway.
failure-enrolment-rejected = The administration has not let this machine in. Why: «{ $reason }». To try again another invitation and a new folder are needed.
failure-answer-not-believed = The answer is not of the administration that invited ({ $fault }), and nothing was written. Tell it: the gateway has handed over something that is not its own.
failure-answer-other-trust = Since the invitation the administration has changed its keys (words of the network: { $words }), or the answer is somebody else's: nothing was written. Ask the administration for the words, on the phone; if these are they, type this again with --words.
help-arg-invitation = The administration's invitation: the request goes to the gateway and the answer comes from there; "-" reads it from standard input
help-arg-network-words = The network's words, as heard on the phone
help-arg-no-serve = Ends when this computer is let in, without running the agent

status-directory-changes = { $count ->
    [one] This version has changed one thing: «raccordo-agent directory»
   *[other] This version has changed { $count } things: «raccordo-agent directory»
}
directory-none = There is no directory yet.
directory-is = Directory version { $version }, signed at { $issued }, ends at { $expires }
directory-looked-after = Looked after until { $until }
directory-admins = Administration keys: { $admins }; { $threshold } of them must sign
directory-first = It is the first that this computer has: there is nothing to compare it with.
directory-same = Nothing changes since version { $before }: a new date of expiry.
directory-changes = Since version { $before }:
directory-admins-changed = ! The administration's keys have changed, or how many must sign. If you know nothing of it, call the administration.
directory-create = + { $thing } «{ $id }»: { $name }
directory-change = ~ { $thing } «{ $id }» ({ $name }):
directory-gone = - { $thing } «{ $id }»: { $name }
directory-detail = { $field }: from «{ $from }» to «{ $to }»
directory-territories = municipalities with another ambito, new or taken out: { $count }
help-directory = Says what the network's administration has signed last, and what it has changed
thing-office = office
thing-equipe = équipe
thing-programme = programme
thing-gateway = gateway
thing-policy = policy
thing-invitation = invitation
field-name = name
field-body = body
field-kind = kind
field-ambito = ambito
field-phone = phone
field-capabilities = capabilities
field-state = state
field-machines = machines and keys
field-members = members
field-required = required roles
field-title = title
field-dates = dates
field-capofila = capofila
field-agencies = other offices
field-endpoints = endpoints
field-keys = keys
field-restrict = only between offices of one équipe or programme
field-pairs = allowed pairs
field-limits = limits (letters a minute / bytes a day)
field-code = code
field-until = end
