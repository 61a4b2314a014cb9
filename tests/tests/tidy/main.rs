//! The house rules as tests: generated code is what the schemas say, crates import only whom they may, files stay small.
//! Not here: anything that runs the network.

mod generated;
