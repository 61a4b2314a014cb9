//! A town in memory: the whole path without sockets, and every check of a receiver. Not here: faults and many seeds.

mod abuse;
mod acts;
mod attacks;
mod back;
mod cards;
mod clock;
mod destinations;
mod directories;
mod drill;
mod forge;
mod heads;
mod journey;
mod receiver;
mod rules;
