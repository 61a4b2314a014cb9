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
field-code = code
field-until = end
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
fault-office-gone = office «{ $office }»: it is in the signed directory and missing here. An office is not taken out, it is suspended or revoked: the administration must put it back in the file, then «agency suspend» or «agency revoke».
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
failure-office-out = The office «{ $office }» is { $state }: as long as it is, it takes no part in the network, and nothing was written. If it is suspended and is to come back, «agency resume»; if it was revoked, its new request is approved with --readmit.
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
failure-confirm-key-there = This folder has a confirm key already ({ $id }), and the directory names it, or will: nothing has changed. For another one: «rotate confirm-key --remove { $id }», then this command again.
failure-ca-not-named = The certificates of this folder lead to a root that the directory does not name: nobody would take what it issues. Another machine issues, or «rotate root» must be done again: nothing has changed.
failure-root-not-signed = The new root is in no signed version yet: sign that one first, and wait until everybody has new certificates. Nothing has changed.
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
failure-machine-there = The office «{ $office }» has a machine with other keys already. Before another is approved the administration must put the old one out: «agency evict { $office } --reason …».
failure-gateway-exists = There is a gateway «{ $id }» with another key already: for a second gateway give another --id.
failure-bad-endpoint = «{ $endpoint }» is no endpoint: it is written name:port, as in gw.rete.example:443.
failure-not-issued = The certificate was not issued: { $fault }

## Several admins

plan-admin-new = + admin key { $id }: { $words }
plan-admin-gone = - admin key { $id }: { $words }
plan-threshold = ~ signatures needed: from { $k } of { $n } to { $next_k } of { $next_n }
plan-confirm-key-new = + key that may only confirm { $id }: { $words }
plan-confirm-key-gone = - key that may only confirm { $id }: { $words }
plan-ca-root-new = + CA root { $hash }
plan-ca-root-gone = - CA root { $hash }: certificates below it no longer hold

show-proposal = Version { $version } of the directory waits for signatures (proposal { $hash }).
show-proposed = Proposed on { $issued }; it would hold until { $expires }. Against the last version of this folder:
show-supersedes = It leaves behind { $count } versions of a directory that had forked.
show-tally = Signatures: { $signed } of the { $k } needed.
show-tally-old = Signatures of today's admins: { $signed } of the { $k } needed.
show-tally-new = Signatures of tomorrow's admins: { $signed } of the { $k } needed.
show-has-signed = has signed { $id }: { $words }
show-may-sign = may sign { $id }: { $words }
show-fork = The directory forked at version { $version }. What the version left behind ({ $hash }) has and the one kept has not:
show-admins = { $k } of { $n } admin keys sign (root number { $root }):
show-admin-key = key { $id }: { $words }
show-confirm-key = may only confirm { $id }: { $words }
show-rehearsal = A trial on a copy of this folder: nothing changes in the folder.

done-admin-key = The key is in { $folder }, sealed under the passphrase. Take { $file } to the administration that makes the network, or that adds you: it holds no secrets. The key's words: { $words }
done-join = This folder now belongs to the network «{ $network }». Directories that were signed before are taken with «ceremony import», one by one.
done-trust = The trust file for who joins now: { $file }. The network's words, to be read on the phone: { $words }
done-export = Written to { $file }: it holds no secrets.
done-ceremony-sign = Signed. Send { $file } back to whoever made the proposal, who takes it with «ceremony import».
done-import-known = Version { $version } is in this folder already.
done-adopt = rete.toml is now as version { $version } of the directory says.
done-discard = Proposal { $hash } of version { $version } was taken out of this folder.
done-heal = With the next signature, version { $next } leaves the other directory number { $version } behind. Bring back into rete.toml what is still needed, then «directory review» and «directory sign».
done-rotate = Prepared. It counts with the next version of the directory only, which today's admins and tomorrow's must sign: «directory sign».
done-rotate-nothing = With this the root stays as it is: nothing to sign.
done-rotate-ca = From now on another key issues the certificates, under the same root. Those issued before hold until they end.
done-rotate-root = From now on another root issues the certificates: they hold with the next version of the directory. The old one stays valid beside it until «rotate root --finish» takes it out.
done-rehearsal = The trial went well and the copy is gone. To do it in earnest: the same command without --rehearse.
done-confirm = Version { $version } of the directory confirmed, until { $until }: { $file }
done-published = { $to }: version { $version } handed in; the gateway had { $had }. It is in force from now on.
done-published-already = { $to }: the gateway has version { $version } already. Nothing to do.
done-confirm-published = { $to }: the Confirm of version { $version } handed in.
fault-publish-unreachable = { $to }: no answer ({ $detail }). Whoever runs the gateway looks whether it is on and whether the port of [authority] is open; then do it again.
fault-publish-gateway = { $to }: who answers is no gateway of version { $version } ({ $detail }). Nothing was handed in there. Check the address; if the gateway's certificate was changed, hand this version over as a file.
fault-publish-equivocation = { $to }: the gateway has another version { $version }, which was signed too: another admin has handed it in before. Get it, and heal the network with «directory heal».
fault-publish-no-links = { $to }: it has version { $had }, and this folder lacks some version between that one and { $version }. Hand in from the folder of whoever has them all, or take them with «ceremony import».
fault-publish-stale = { $to }: the gateway has version { $had }, newer than the last one of this folder ({ $version }), or has just taken one. Get it from whoever signed it and take it with «ceremony import».
fault-publish-busy = { $to }: the gateway cannot now ({ $detail }). Try again in a minute.
fault-publish-refused = { $to }: the gateway, which has version { $had }, has refused: { $detail }. Nothing has changed; ask whoever runs it.
fault-confirm-other = { $to }: the gateway has version { $had }, the Confirm is of the last one of this folder ({ $version }). If its own is older, hand the version in first with «directory publish».

note-one-of-many = Attention: each of the { $n } admin keys signs for the whole network alone. Whoever steals one decides who is in it. To ask for two persons: «rotate admin --threshold 2».
note-all-of-all = Attention: all { $n } keys must sign. If one is lost, the network can no longer be changed: add a spare key («rotate admin --add»).
note-key-backup = Copy this folder to a disk that stays locked away: without it, or without the passphrase, this key signs no more.
note-k-of-n = Every directory must have { $k } signatures of different persons, of { $n }. Take { $file } to the other admins: they complete their folders with «network join». The network's words, to be read to them on the phone: { $words }
note-admin-words = Words of the key { $id }: { $words }. Before you sign, have them read on the phone by whoever sent it: they must be the same.
note-join-words = The network's words: { $words }. Have them read on the phone by whoever made it: if they are not the same, do not use this folder.
note-proposal-dropped = Notice: the proposal { $hash } that waited here was taken out: another one of the same version got the signatures. Its changes, if still needed, must be proposed again.
note-root-dropped = Notice: what «rotate» had prepared here was taken out: the root has changed in another way. If it is still needed, it must be prepared again.
note-draft-differs = Notice: rete.toml has changes of this folder that are not in version { $version }. «directory review» tells them: if they are old, «directory adopt» takes them out; if they are needed, complete them with what is new in the version before you sign.

failure-no-key-alone = { $folder } needs { $file }, made by «admin-key new», and no network: nothing was written.
failure-no-key = { $file } is not there: that key was never made in this folder, or is on another machine.
failure-not-offered = { $file } is not the offer of a key to this network ({ $fault }). Whoever sent it must make it again («admin-key new») or send it again.
failure-network-words-differ = The network's words of this trust file are others ({ $words }): they were misread, or the file is somebody else's. Nothing was written.
failure-bad-threshold = { $k } signatures of { $n } keys cannot be: at least one signature, no more than keys, and each key once, 16 at most. Nothing was written.
failure-out-there = { $file } is there already, and is not written over: name another one. Nothing was signed.
failure-no-document = { $file } is neither a proposal nor a directory.
failure-proposal-damaged = { $file } is damaged ({ $fault }), and nothing was written. If it is a proposal, the file may be removed, and asked for again from whoever made it.
failure-proposal-network = The proposal is of another network, not of «{ $network }»: nothing was written.
failure-proposal-not-next = The proposal does not follow version { $version }, which is the last of this folder. If versions are missing, take them first with «ceremony import»; if the proposal is old, whoever made it must make it again.
failure-proposal-signatures = A signature is not of an admin of this network, or not of this proposal, or there are too few. Nothing was written: whoever sent it must send it again.
failure-proposal-rule = The proposal breaks a rule ({ $fault }), and nothing was signed: whoever made it must make it again.
failure-proposal-pending = The proposal { $hash } of version { $version } still waits for signatures, and rete.toml says something else. Have it signed, or take it out with «ceremony discard» and tell who has signed it: two versions of one number, both signed, divide the network.
failure-proposal-other = There is another proposal of this version ({ $version }) in this folder: here { $ours }, in the file { $theirs }. Nothing was signed. Agree on which one to keep; the other one is taken out with «ceremony discard».
failure-no-proposal = No version waits for signatures in this folder.
failure-already-signed = This key has signed the proposal of version { $version } already: nothing to do. To have its file again: «ceremony export».
failure-not-an-admin = The key of this folder ({ $words }) is none of those that may sign this version. Nothing was written.
failure-fork = Two directories of one number ({ $version }) were signed: here { $ours }, in the file { $theirs }. Nothing was changed. Decide together which one to keep, then «directory heal FILE --keep mine» or «--keep theirs».
failure-no-fork = Version { $version } of the file is the one of this folder: nothing to heal.
failure-fork-earlier = The directory forked before version { $version }: what is needed is the file of the first version that differs.
failure-fork-passed = This folder is at version { $last } already: version { $version } of the file can only be left behind («--keep mine»).
failure-not-confirmed = The key ({ $words }) cannot confirm this directory: { $fault }. A confirm key counts from the version that names it.
failure-address = «{ $address }» is no address: HOST:PORT is needed.
failure-sockets = This machine opens no connections: { $detail }
failure-not-handed-in = Not handed in at { $failed } of { $all } gateways:
failure-no-such-key = «{ $key }» is none of the keys: name its six words, in quotes, or its id («directory show» tells them).
failure-rotate-pending = Approved requests wait for a signature, with certificates of the key that would go. First «directory sign», then this command.

## Help of the command line

help-usage = Usage:
help-commands = Commands
help-options = Options
help-help = Shows this help
help-version = Shows the version
help-root = Makes and signs the directory of a Raccordo network, and answers the requests of its offices and gateways
help-network = The network itself
help-network-init = Draws the network's keys in a new folder
help-network-join = Completes another admin's folder
help-network-trust = Writes the trust file for who joins now
help-admin-key = The key of another admin
help-admin-key-new = Draws the key in a new folder, and offers it to a network by a file without secrets
help-ceremony = Signatures of several admins, each on her own machine
help-ceremony-export = Writes the proposal of this folder; the last version, if none waits
help-ceremony-review = Says what a proposal would change, and who has signed it
help-ceremony-sign = Adds one's signature to a proposal
help-ceremony-import = Takes the signatures of a file, or a version that has them all
help-ceremony-discard = Takes the proposal out of this folder
help-rotate = Other admins, other keys
help-rotate-admin = Who may sign, and how many must
help-rotate-ca = Another key that issues certificates, under the same root
help-rotate-root = Another root of the certificates
help-rotate-confirm-key = A key that may only confirm
help-directory-heal = Heals a directory that has forked: two versions of one number, both signed
help-directory-adopt = Puts back into rete.toml what the last version says
help-directory-confirm = Signs that the last version still holds
help-directory-publish = Hands the last signed version in at gateways
help-arg-threshold = How many signatures are needed
help-arg-admins = The offer of another admin's key. May be repeated
help-arg-trust = The network's trust file
help-arg-network-join-words = The network's words, as heard on the phone
help-arg-out = The file to be written
help-arg-admin-key-new-name = The network's name
help-arg-proposal = The proposal
help-arg-signed = The proposal, or the version
help-arg-add = The offer of a new admin's key. May be repeated
help-arg-remove = The key that goes: its words, or its id. May be repeated
help-arg-rotate-confirm-key-remove = Takes one out, named by its words or its id, instead of drawing one
help-arg-rehearse = Tries it on a copy of the folder
help-arg-finish = Takes the roots out that issue nothing any more
help-arg-other = The other version
help-arg-keep = Which of the two goes on: that of this folder or that of the file
help-arg-by-confirm-key = Signs with the confirm key of this folder instead of the admin key
help-arg-publish = Hands the Confirm in at gateways too
help-arg-directory-confirm-to = Authority port of a gateway; may be repeated
help-arg-directory-publish-to = Authority port of a gateway; may be repeated
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

## Acts, the list, renewals, the log

thing-directory = directory
thing-issuing = issuing certificate
thing-root = root certificate

note-act-suspend = «{ $office }» will be suspended. Once the gateway has the signed version its link will be cut within 2 seconds; what waits for it, and what waits to leave it, stands still and is shown, and goes on by itself after «agency resume». What it has received and sent stays. Its certificate stays good.
note-act-resume = «{ $office }» will take part in the network again, with the same keys: what stood still goes on by itself.
note-act-evict = The keys of the machine of «{ $office }» will be out for ever: link cut within 2 seconds of the gateway having the signed version. The office may enrol again at once, with new keys (raccordo-agent enrol in a new folder); what waits for it stands still, and goes on after each sender has confirmed on the phone the words of the new key. What it has received stays on that computer.
note-act-revoke = «{ $office }» will be out, with its keys, and leaves équipes and programmes: link cut within 2 seconds of the gateway having the signed version; what waits for it stands still and is shown; what it has received and sent stays. A readmission needs new keys and «agency approve … --readmit».
note-act-ban = «{ $office }» will be out FOR EVER: its id and its keys will not be accepted any more, and no command undoes it. For the rest it is as a revocation.
note-act-role = WARNING: in the équipe «{ $equipe }» nobody but «{ $office }» has the required role { $role } today. Whoever refers to that équipe will have no answer from that role: tell the other offices, or add one that has it (equipe add { $equipe } OFFICE:{ $role }).
note-act-capofila = WARNING: «{ $office }» is capofila of the programme «{ $programme }»: as long as it is out nobody validates its expenses.
note-readmit = It does not take back équipes and programmes: if it is to be in them again, «equipe add» and rete.toml.
fault-act-role = équipe «{ $equipe }»: «{ $office }» alone has the required role { $role }. First the administration must add one that has it (equipe add { $equipe } OFFICE:{ $role }), or take the requirement out of rete.toml. If it is urgent, «agency suspend» stops it at once.
fault-act-capofila = programme «{ $programme }»: «{ $office }» is its capofila. First the administration must choose another one in rete.toml (capofila = …). If it is urgent, «agency suspend» stops it at once.
failure-no-office = There is no office «{ $office }» in the network.
failure-office-banned = «{ $office }» was banned (BANNED), and for ever: nothing was written. If the body returns, it is a new office with another id.
failure-office-revoked = «{ $office }» was revoked (REVOKED): nothing was written. It comes back with new keys only: «agency approve REQUEST --id { $office } --readmit».
failure-suspended-already = «{ $office }» is suspended already: «agency resume» lets it go on, «agency revoke» puts it out.
failure-not-suspended = «{ $office }» is not suspended: there is nothing to resume.
failure-nothing-to-suspend = «{ $office }» has no machine in the network: there is nothing to suspend. If it must not come in, «agency revoke».
failure-no-machine = «{ $office }» has no machine whose keys count: there is nothing to put out.
failure-not-revoked = «{ $office }» is { $state } and not revoked: --readmit is for those that are. Nothing was written.
failure-ban-unconfirmed = A ban is FOR EVER: id and keys of «{ $office }» will never be accepted again, and no command undoes it. Nothing was written. If this is what you want, type it again with --yes; if not, «agency revoke» or «agency suspend».
failure-reason-too-long = The reason is too long: at most { $max } characters, and nothing of a woman in it.

show-valid-none = no certificate
show-valid-unknown = end not known
show-valid-until = until { $day } ({ $days } d)
show-valid-over = EXPIRED on { $day }
show-next-by = by { $day }: { $what }
show-next-nothing = -
show-next-sign = to be signed: administration («directory sign»)
show-next-enrol = must send its request: the office («raccordo-agent enrol»)
show-next-resume = to be resumed or revoked: administration («agency resume» or «agency revoke»)
show-next-renew = renew the certificate: the office («raccordo-agent enrol --renew», from 60 days before), then the administration («agency renew»)
show-next-renew-expired = expired certificate: the office («raccordo-agent enrol --renew»), then the administration («agency renew --expired --reason …»)
show-next-new-identity = the identity key ends: administration («agency evict»), then the office (a new enrolment)
show-next-renew-gateway = renew the certificate: whoever runs it («raccordo-gateway request --renew», from 60 days before), then the administration («gateway renew --id …»)
show-next-sign-again = sign the directory again: administration («directory sign --renew»)
show-next-rotate = change this certificate: «rotate ca», for a root «rotate root»
warning-ends = Warning: { $days } days for { $thing ->
    [thing-office] the office
    [thing-gateway] the gateway
    [thing-directory] the directory
    [thing-issuing] the issuing certificate
   *[other] the root certificate
} { $id }
warning-over = Warning: EXPIRED { $thing ->
    [thing-office] certificate or key of the office
    [thing-gateway] certificate of the gateway
    [thing-directory] the directory
    [thing-issuing] the issuing certificate
   *[other] the root certificate
} { $id } ({ $days } days)
note-issued-damaged = Warning: { $file } is damaged: the end of its certificate is not known.

failure-renew-gateway = { $file } is a gateway's: «gateway renew», with the words on the phone.
failure-no-gateway = There is no gateway «{ $id }» in the network.
failure-renew-gateway-key-known = { $file }: there has been a certificate for this request's key: it is an old request, sent again. Nothing was written. Whoever runs «{ $id }» must make a new one (raccordo-gateway request --renew).
help-gateway-renew = Renews the certificate of a gateway
help-arg-gateway-renew-request = What «raccordo-gateway request --renew» has written
failure-renew-unknown = { $file }: the identity key is that of no office of the network. If it is a new computer, «agency approve»; the words on the phone.
failure-renew-not-active = { $file }: «{ $office }» is { $state }, and a renewal is for who is ACTIVE. Nothing was written.
failure-renew-identity-ended = { $file }: the identity key of «{ $office }» has ended on { $day }, and cannot ask any more. The administration puts it out («agency evict»), and the office enrols again.
failure-renew-key-known = { $file }: a certificate was issued already for the key of this request: it is an old request that was sent again. Nothing was written. «{ $office }» must make a new one (raccordo-agent enrol --renew).
failure-renew-too-early = { $file }: the certificate of «{ $office }» is good until { $until } and is renewed from { $day }. Nothing was written. Before then a reason is needed: --early --reason …
failure-renew-expired = { $file }: the certificate of «{ $office }» has expired on { $day }. To renew it now is an exception, to be approved with a reason: --expired --reason … Nothing was written.
failure-renew-twice = Two requests are of «{ $office }»: keep the newer one. Nothing was written.

done-audit = The log is whole: { $rows } rows. Hash of the last: { $last }. Note it elsewhere: rows taken off the end, or a log written anew, are seen in this way only or by a copy.
done-audit-export = { $rows } rows copied to { $file }. Hash of the last: { $last }
note-log-torn = The last row is torn: an interruption, and its act was not done. The next row will say so.
fault-log-unreadable = line { $line }: it is no row of the log
fault-log-broken = line { $line }: it does not follow on the one before: a row was changed, put in or taken out
failure-log-damaged = The log { $file } was changed, and nothing was written. The administration must compare it with a copy; to go on it is put aside under another name, and a new one begins.
failure-log-lacks-versions = The log lacks the signatures of the versions { $versions }: rows were taken out. The administration must compare it with a copy.

help-agency-list = Who is in, until when, what comes next and whose turn it is
help-agency-renew = Renews certificates; more than one request are one batch
help-agency-suspend = Stops an office until it is resumed
help-agency-resume = Lets a suspended office go on
help-agency-evict = Puts the keys of its machine out for ever; it may enrol again at once
help-agency-revoke = Puts an office out, with its keys
help-agency-ban = Refuses id and keys for ever
help-audit = The log of the administration's acts
help-audit-tail = Shows the last rows
help-audit-verify = Says whether it is whole
help-audit-export = Writes a copy of it
help-arg-reason = The reason: it stays in the log. Nothing of a woman
help-arg-yes = Nothing takes a ban back: whoever types this knows it
help-arg-readmit = Lets a revoked office back in, with new keys
help-arg-requests = The files that «raccordo-agent enrol --renew» has written
help-arg-early = Before 60 days from the end, too; with a reason
help-arg-expired = After the end, too: an approved exception, with a reason
help-arg-rows = How many

## Enrolment on line

done-invite = Invitation for «{ $office }», until { $until }: { $file }. It is good for one machine, and once the directory is signed and handed in («directory sign», «directory publish»). Give it to the office by hand or in a closed envelope: it only allows to ask. The office types, on its computer: raccordo-agent enrol --invitation FILE --folder FOLDER --passphrase
done-request-deposited = Request of «{ $office }». Words: { $words }. Call the office at a number that you know already and have them read; then «agency approve --id { $office }» or «agency reject { $office } --reason …».
done-requests-none = No request to be read.
done-reject = The request of «{ $office }» will not be let in. The office reads why after «agency answer».
done-answer = Answer handed in: «{ $office }» has it within a minute.
done-answers-none = No answer to hand in: a request that was approved has one after «directory sign».
note-deposit-unreadable = Note: the gateway has something for «{ $office }» that is no request: it was not taken. Invite the office again.
note-deposit-unknown = The invitation was made in another folder: here only the words can be compared.
warning-deposit-forged = WARNING: this request was not made with the code of the invitation of «{ $office }»: somebody has put it in the place of the office's own. Do not approve it; invite the office again and tell whoever runs the gateway.
failure-which-gateway = Say for which gateway the invitation is (--gateway): the last signed version names none like that, or more than one.
failure-invitations-full = There are { $max } invitations already: wait until they are used or end.
failure-no-deposit = In this folder there is no deposited request of «{ $office }»: «agency requests --to …». A request that came by mail is refused by mail.
failure-call-unreachable = The gateway at { $to } does not answer ({ $detail }): nothing has changed. Try again, or ask whoever runs it.
failure-call-not-believed = Who answers at { $to } is no gateway of the last signed version ({ $detail }): nothing was given to it. Check the address with whoever runs it.
failure-call-not-an-admin = The gateway at { $to } does not know this folder's key ({ $detail }): it has another version of the directory («directory publish»), or the key is no admin's any more.
failure-call-clock = The gateway at { $to } says that this was not asked now ({ $detail }): this computer's clock, or its own, is wrong by more than ten minutes.
failure-call-not-now = The gateway at { $to } cannot now ({ $detail }): try again in a minute.
failure-approved-already = The request of «{ $office }» was approved already: not to let it in, first «agency evict { $office } --reason …», then the signature. Nothing has changed.
failure-answers-refused = The gateway at { $to } has not taken some answers; the others were handed in:
fault-answer-to-nothing = «{ $office }»: the gateway has no such request. It is at another (--to), or 72 hours have passed: then invite the office again, or send it its activation by mail.
fault-answer-before-publishing = «{ $office }»: the gateway does not have the version that gives it its place. First «directory publish --to { $to }», then this command again.
fault-answered-otherwise = «{ $office }»: it has had another answer, and that one stays. To change it, invite the office again.
fault-answer-refused = «{ $office }»: the gateway refuses ({ $code }).
failure-call-refused = The gateway at { $to } refuses: { $detail }.
failure-answer-to-nothing = The gateway at { $to } has no such request ({ $detail }): it was deposited at another, or 72 hours have passed. Invite the office again, or send it its activation by mail.
failure-answer-before-publishing = The gateway at { $to } does not have the version that gives this office its place ({ $detail }): first «directory publish --to { $to }», then this command again.
failure-answered-otherwise = This request was answered otherwise already ({ $detail }), and the first answer stays. To change it, invite the office again.

help-agency-invite = Invites an office to deposit its request at a gateway
help-agency-requests = Asks a gateway which requests were deposited
help-agency-reject = Does not let a deposited request in, and says why
help-agency-answer = Leaves the answers at a gateway for whoever has deposited
help-arg-at = The port of [authority] of the gateway that the office turns to
help-arg-gateway = Which gateway answers at that address; the only one, when there is one
help-arg-agency-requests-to = The port of [authority] of the gateway
help-arg-agency-answer-to = The port of [authority] of the gateway
help-arg-agency-approve-request = What «raccordo-agent enrol» has written; what was deposited for this office, when there is none
help-arg-agency-reject-reason = Why: the office reads it, and it stays in the log. Nothing of a woman
