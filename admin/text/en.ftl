# Sentences of raccordo-admin. Arguments are names, ids, paths and numbers.

ask-passphrase = Passphrase of the network's keys:
ask-passphrase-new = New passphrase for the network's keys (at least { $min } characters):
ask-passphrase-again = Once more:

thing-office = office
thing-equipe = équipe
thing-programme = programme
thing-gateway = gateway
thing-machine = machine
thing-territory = municipality
thing-policy = policy

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

plan-create = + { $thing } «{ $id }»: { $name }
plan-change = ~ { $thing } «{ $id }» ({ $name }):
plan-detail = { $field }: from «{ $from }» to «{ $to }»
plan-gone = - { $thing } «{ $id }»: { $name }
plan-same = = unchanged: { $count }
plan-territories = municipalities: { $created } new, { $changed } changed, { $gone } taken out, { $same } as before
plan-stays = Not in the file, and staying as they are: { $ids }

show-next = Next directory: version { $version }
show-directory = Network { $network }, directory version { $version }, signed at { $issued }, ends at { $expires }
show-diff = From version { $from } to version { $to }:

done-init = Network «{ $network }» made in { $folder }. The private keys are in admin.key, root.key and issuing.key, closed with the passphrase.
done-draft = Written to rete.toml. It counts for the network only after «raccordo-admin directory sign».
done-plan = Nothing was written.
done-sign = Directory version { $version } signed, good until { $expires }: { $file }
done-nothing-to-sign = Nothing has changed: the directory stays at version { $version }. For a new date of expiry: «directory sign --renew».

note-one-key = Warning: one single key signs for the whole network. Whoever has this folder and its passphrase decides who is in it. Fit for a trial; a real network needs several keys, in different bodies.
note-backup = Copy this folder to a disk that stays locked away: without it, or without the passphrase, the network cannot be changed any more.

warning-ambito-without-equipe = Warning: no équipe for the ambito «{ $ambito }» ({ $count } municipalities): nobody can refer from there to an équipe. The administration can make one with «equipe create».
warning-ambito-twice = Warning: the ambito «{ $ambito }» has more than one équipe ({ $equipes }): whoever refers from there will have to choose.
warning-without-machine = Warning: without a machine, and so out of reach: { $offices }. Each office must send its request (raccordo-agent enrol), and the administration approve it.
warning-no-gateway = Warning: the network has no gateway yet: the request of whoever runs it is needed (raccordo-gateway request).

fault-toml = line { $line }: { $detail }
fault-required = { $place }: «{ $key }» is missing
fault-value = { $place }: «{ $value }» is not good for «{ $key }»
fault-not-allowed = { $place }: «{ $value }» is not good for «{ $key }»; it may be: { $allowed }
fault-not-taken = { $place }: «{ $key }» is not taken from a file of «apply»: machines, gateways and their keys come from requests («agency approve», «gateway add»), and so does the state of a new office. Whoever wrote the file must take it out.
fault-role-without-member = équipe «{ $equipe }»: no member has the required role { $role }. The administration must add one that has it (equipe add { $equipe } OFFICE:{ $role }) or take the requirement out of rete.toml.
fault-capofila-in-equipe = office «{ $office }»: it is capofila of the programme «{ $programme }» and a member of the équipe «{ $equipe }». Who validates expenses may not know the names: the administration must choose another capofila or take it out of the équipe.
fault-id-changed = office «{ $old }»: here it is called «{ $new }». An id never changes: the administration must put «{ $old }» back; the name that people read may change.
fault-office-gone = office «{ $office }»: it is in the signed directory and missing here. An office is not taken out, it is suspended or revoked: the administration must put it back in the state SUSPENDED or REVOKED.
fault-unknown-member = équipe «{ $id }»: the office «{ $office }» is not in this network. The administration must mend the name or add the office.
fault-unknown-in-programme = programme «{ $id }»: the office «{ $office }» is not in this network. The administration must mend the name or add the office.
fault-twice = «{ $id }» stands twice ({ $thing ->
    [thing-office] office
    [thing-equipe] équipe
    [thing-programme] programme
    [thing-gateway] gateway
    [thing-territory] municipality
   *[other] entry
}): the administration must take one out.
fault-key-twice = «{ $one }» and «{ $other }» have the same key: a key stands in one place only. One of the two must send a new request.
fault-programme-dates = programme «{ $programme }»: it ends before it begins. The administration must mend the dates.
fault-key-back = «{ $new }»: has a key of «{ $old }» that a signed directory lists as revoked. A revoked key does not come back: a new request with new keys is needed, and the administration must put the old one back to REVOKED.
fault-machine-gone = office «{ $office }»: the machine «{ $machine }» is in the signed directory and missing here. A machine is not taken out but revoked: the administration must put it back in the state REVOKED.
fault-two-active = office «{ $office }»: has more than one active machine. The administration must revoke the one that is not needed any more (state REVOKED in rete.toml).
fault-too-many-keys = «{ $id }»: has more than { $max } TLS keys. The administration must take the oldest out of rete.toml.
fault-too-many-members = équipe «{ $equipe }»: has more than { $max } members. The administration must split it in two.
fault-member-twice = équipe «{ $equipe }»: the office «{ $office }» is named twice. The administration must choose one role.
fault-no-endpoint = gateway «{ $gateway }»: has no endpoints, and nobody would find it. The administration must write them in rete.toml (endpoints).
fault-csv-header = the first line must be «codice_istat,ambito» or «codice_istat,ambito,equipe», and is «{ $header }»
fault-csv-columns = line { $line }: it has not as many columns as the header: «{ $value }»
fault-csv-comune = line { $line }: { $value } is the code of no municipality of Lombardy: whoever wrote the list must correct it
fault-comune = "{ $value }" is the code of no municipality of Lombardy: the administration must correct it in rete.toml ([territories])
fault-banned-back = office "{ $office }": it was banned (BANNED), and for ever. The administration must put the state BANNED back; if the body returns, it is a new office with another id.
fault-equipe-id-changed = équipe "{ $old }": here it is called "{ $new }". An id never changes: the administration must put "{ $old }" back.
fault-programme-id-changed = programme "{ $old }": here it is called "{ $new }". An id never changes: the administration must put "{ $old }" back; the title may change.
note-waiting = Note: the request of "{ $place }" still waits. This directory gives it no place, or has no gateway: if the approval was interrupted, approve it again and sign.
failure-office-out = The office "{ $office }" is { $state }: as long as it is, it takes no part in the network, and nothing was written. If it is to come back, the administration makes it ACTIVE again in rete.toml (revoked machines stay REVOKED), and approves the new request.
fault-csv-code = line { $line }: «{ $value }» is no ISTAT code of six digits
fault-csv-twice = line { $line }: the code { $value } stands on an earlier line already
fault-csv-ambito = line { $line }: the ambito of the municipality { $value } is missing
fault-csv-equipe = line { $line }: «{ $value }» is not the équipe that serves that ambito in rete.toml

failure-io = Cannot read or write { $file }: { $detail }
failure-file-unreadable = Cannot read { $file }: { $detail }
failure-file-too-large = { $file } is too large: at most { $max } KiB.
failure-not-text = { $file } is no text file.
failure-faulty-file = { $file } is faulty, and nothing was changed. Whoever wrote the file must mend it:
failure-faults = The rules of the network forbid it, and nothing was changed:
failure-draft-unreadable = Like this rete.toml could not be read any more, and nothing was written. Whoever gave the command must mend:
failure-draft-not-kept = Like this rete.toml would lose part of what the command asks for (a name twice?), and nothing was written. Whoever gave the command must mend it.
failure-memory-not-private = The system does not let keys be kept out of core dumps: { $detail }. Nothing was done.
failure-no-network = There is no network in { $folder }: rete.toml is missing. Name the folder with --network, or make one with «network init NAME».
failure-folder-not-empty = The folder { $folder } is not empty: a new network needs one that is empty, or not there yet.
failure-folder-permissions = Others can enter the folder { $folder }: it must be yours alone (chmod 700).
failure-folder-in-use = Another command is using the folder { $folder }: try again when it has ended.
failure-network-name = «{ $name }» cannot be the name of a network: lower case letters, digits and hyphens, 2 to 40 characters.
failure-keys-not-made = The keys were not made: { $detail }
failure-passphrase-short = The passphrase is too short: it needs at least { $min } characters.
failure-passphrase-long = The passphrase is too long: at most { $max } bytes.
failure-passphrase-file-permissions = Others can read { $file }, which holds the passphrase: it must be yours alone (chmod 600). If anybody may have read it, do not use it any more.
failure-passphrase-file-lines = { $file } must hold the passphrase and nothing else: one single line.
failure-passphrase-unreadable = Cannot read the passphrase from { $file }: { $detail }
failure-passphrases-differ = The two passphrases are not the same: nothing was written.
failure-wrong-passphrase = { $file } does not open with this passphrase.
failure-key-file-damaged = { $file } is damaged, or is not this network's key: take it from the copy of this folder.
failure-no-memory = There is not enough memory to open the keys: 256 MiB must be free.
failure-no-randomness = The system gives no random numbers.
failure-trust-file = { $file } is not the trust file of this network: take it from the copy of this folder.
failure-directory-unverified = { $file } is no signed directory of this network ({ $fault }): take it from the copy of this folder.
failure-no-version = Version { $version } of the directory is not in this folder.
failure-file-there = { $file } is there already and is never written over: nothing was written. The administration must compare this folder with its copy before it signs again.
failure-nothing-signed = No directory has been signed yet: «directory sign».
failure-not-signed = The directory breaks the rules and was not signed: { $fault }
failure-other-network = The file is of the network «{ $theirs }», the folder of the network «{ $ours }»: nothing was changed.
failure-equipe-exists = There is an équipe «{ $id }» already: «equipe add» and «equipe remove» change it.
failure-no-equipe = There is no équipe «{ $id }»: «equipe create».
failure-no-member = The office «{ $office }» is not in the équipe «{ $id }».
failure-programme-exists = There is a programme «{ $id }» already: mend rete.toml to change it, or use «apply».
failure-day = «{ $day }» is no day: it is written as 2027-05-20.
failure-bad-id = «{ $id }» cannot be an id: lower case letters, digits and hyphens, 2 to 40 characters.
failure-bad-name = «{ $name }» will not do; it may be: { $allowed }
failure-bad-member = «{ $text }» will not do: it is written OFFICE:ROLE, as in cpi-rivabella:CPI.
failure-answer-not-written = The answer was not written whole: { $detail }

note-words = Words of the request: { $words }. Before you sign the directory have them read to you on the phone by whoever sent it: they must be the same.
note-network-words = Words of the network: { $words }. Read them on the phone to whoever receives an activation: the same must stand there.
done-granted = Approved. «raccordo-admin directory sign» will write the activation to be sent back.
done-activation = Activation, to be sent back to whoever made the request: { $file }
failure-request-tampered = The request { $file } is not the one that left: it was changed or damaged on the way ({ $fault }). Nothing was written. Whoever sent it must send it again, better by hand.
failure-pending-damaged = { $file } is damaged, and nothing was signed or written. The administration must approve the request of «{ $place }» again (the file that the office or whoever runs the gateway has sent), and then sign.
failure-words-differ = The words are not those of this request ({ $words }): they were misread, or the request is somebody else's. Nothing was written. Call the office back at a number that you knew before.
failure-request-of-gateway = This is the request of a gateway, not of an office: «gateway add».
failure-request-of-office = This is the request of an office, not of a gateway: «agency approve».
failure-keys-of-another = These keys are the office «{ $old }»'s already: an id never changes, and «{ $new }» must send a request of its own.
failure-keys-revoked = These keys are those of the machine «{ $machine }» of the office «{ $office }», which was revoked: they count no more, and nothing was written. The office must make a new request, with new keys, in a new folder (raccordo-agent enrol).
failure-office-unknown = The office «{ $office }» is not in the network yet: say --kind and --name too, or describe it with «apply» first.
failure-machine-there = The office «{ $office }» has a machine with other keys already. Before another is approved the administration must put the old one in the state REVOKED in rete.toml.
failure-gateway-exists = There is a gateway «{ $id }» with another key already: for a second gateway give another --id.
failure-bad-endpoint = «{ $endpoint }» is no endpoint: it is written name:port, as in gw.rete.example:443.
failure-not-issued = The certificate was not issued: { $fault }

## Help of the command line

help-usage = Usage:
help-commands = Commands
help-options = Options
help-help = Shows this help
help-version = Shows the version
help-root = Makes and signs the directory of a Raccordo network, and answers the requests of its offices and gateways
help-network = The network itself
help-network-init = Draws the network's keys in a new folder
help-gateway = Gateways
help-gateway-add = Gives the gateway of a request its certificate and its place
help-agency = Offices
help-agency-approve = Gives the office of a request its certificate and its place
help-equipe = Équipes
help-equipe-create = Makes one
help-equipe-add = Adds a member, or changes its role
help-equipe-remove = Takes a member out
help-programme = Programmes
help-programme-create = Makes one
help-territory = Municipalities
help-territory-import = Sets the ambito of every municipality in a list: codice_istat,ambito and, if there, equipe
help-apply = Applies a file that describes a whole network, without keys
help-directory = The signed directory
help-directory-review = Says what the next version would change, and what is wrong with it
help-directory-sign = Signs the next version, and answers the requests that were approved
help-directory-show = Says what a signed version holds
help-directory-diff = Says what changed between two signed versions; between the last two when none is named
help-completions = Writes the completion of commands for a shell to standard output
help-man = Writes the pages of the manual (man), one per command
help-arg-network = The network's folder
help-arg-json = Answers with one JSON object
help-arg-passphrase-file = Reads the passphrase of the keys from this file (its owner's alone, one line) instead of asking
help-arg-lang = Language of the sentences
help-arg-name = Its name as people say it; needed for an office that the network does not know yet
help-arg-network-init-name = Its name: lowercase letters, digits and hyphens, 2 to 40 of them
help-arg-request = What «raccordo-agent enrol» has written
help-arg-gateway-add-request = What «raccordo-gateway request» has written
help-arg-endpoints = Where it will answer, host:port. May be repeated
help-arg-id = Its id, which never changes
help-arg-equipe-add-id = The équipe
help-arg-equipe-remove-id = The équipe
help-arg-words = Its words, as heard on the phone
help-arg-kind = What kind of office it is; needed for one that the network does not know yet
help-arg-body = Its legal person
help-arg-ambito = Its ambito
help-arg-equipe-create-ambito = The ambito that it serves
help-arg-phone = Its phone, for the people of other offices
help-arg-can = What it may do or receive, instead of what its kind usually may. May be repeated
help-arg-members = A member and its role, OFFICE:ROLE. May be repeated
help-arg-required = A role that must have a member. May be repeated
help-arg-member = The member and its role
help-arg-office = The member
help-arg-title = Its title
help-arg-from = First day
help-arg-until = Last day
help-arg-capofila = The office that leads it
help-arg-agencies = An office that takes part beside the équipes. May be repeated
help-arg-file = The file
help-arg-plan = Says the plan and changes nothing
help-arg-renew = Signs although nothing has changed: a new date of expiry
help-arg-version = Which; the last one when absent
help-arg-directory-diff-from = The older one
help-arg-to = The newer one; the last one when absent
help-arg-shell = The shell
help-arg-manual = The folder for them
done-manual = Pages of the manual written to { $folder }.
failure-manual = Cannot write the pages of the manual to { $folder }: { $detail }
