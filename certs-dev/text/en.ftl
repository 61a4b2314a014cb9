# The demonstration's sentences. The same names, in the same order, are in it.ftl.

title = Raccordo { $version } · demonstration · no real data, throwaway keys (deleted on exit)
label-network = network
network = directory v{ $version } signed by the administration (not by the gateway); one single admin key: fit for a trial only
label-gateway = gateway
gateway = { $address }   mTLS 1.3 · X25519MLKEM768 · no content on disk · with --dev its memory can be read: the check below needs it
label-offices = offices
offices = CAV Ginestra · social service · CPI · SIL of Rivabella   (the capofila receives no segnalazione)
office-cav-ginestra = CAV Ginestra
office-sociale-rivabella = Social service
office-cpi-rivabella = CPI
office-sil-rivabella = SIL
office-comune-capofila = Capofila
and = { " " }and{ " " }
written = segnalazione { $codice } written and signed
addressed = territory { $comune } → équipe «{ $equipe }»: scheda minima to { $count ->
    [one] one office
   *[other] { $count } offices
}
delivered = delivered to { $offices } (receipts verified); { $absent } is not attached: the letter stays here
answered = riscontro, then presa in carico (two commands, nothing automatic)
disclosed = parte riservata to the { $office } only, with authorisation
late = attaches → delivered → receipts { $receipts }/{ $recipients }
proven = Evidence      { $letters } letters, { $recipients } recipients, { $receipts } receipts: signature, letter and recipient verified again here from exported files
label-scan = On the gateway
scanned = { $markers } markers and { $windows } windows of ciphertext looked for in { $memory }, { $files } files, { $logs } logs: { $hits } found{ $when }
scan-when = { " " }(in memory: markers at any moment, ciphertext after the buffers are scrubbed)
control = control: { $markers }, { $windowsFound }/{ $windows } windows in what the CAV sent
control-markers = { $markersFound }/{ $markers } markers found at the CAV
control-no-markers = markers not searched at the CAV (memory can be read on Linux only)
scan-memory = { $megabytes } MB of memory
scan-no-memory = no memory (not searched: it can be read on Linux only)
attached = with the offices attached, before the buffers are scrubbed: { $hits } windows of ciphertext in the gateway's memory; after { $scrubMillis } ms: { $after }; the offices gone: { $left }
try = Try: { $command }
leave = Ctrl-C stops and deletes everything
stopping = Stopping the processes and deleting everything.
failed = The demonstration did not succeed: { $reason }
