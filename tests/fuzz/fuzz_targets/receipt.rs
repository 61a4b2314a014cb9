//! Calls [`raccordo_tests::fuzz::fuzz_receipt`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    raccordo_tests::fuzz::fuzz_receipt(bytes);
});
