//! An allocator that leaves nothing behind: memory is wiped before it is given back, and when it moves or shrinks. The one
//! file of the project with `unsafe`.
//!
//! Not here: buffers that live on and are reused (`scrub`), stacks, and memory that C code takes from malloc by itself.

#![allow(unsafe_code)]

use core::alloc::{GlobalAlloc, Layout};
use core::sync::atomic::{Ordering, compiler_fence};
use std::alloc::System;

/// Whether shrinking to `new_size` happens where the block stands: glibc's realloc does it so, but Rust's `System` copies
/// when the alignment is larger than malloc's or than the new size, and other libraries may copy at any time.
fn shrinks_in_place(layout: Layout, new_size: usize) -> bool {
    cfg!(target_env = "gnu") && new_size <= layout.size() && layout.align() <= new_size.min(8)
}

/// Wipes what it frees, then lets `A` free it. `main.rs` installs it as the global allocator.
pub struct Zeroing<A = System>(pub A);

/// Overwrites `len` bytes, in a way that the optimiser may not drop although the block is freed next.
///
/// # Safety
/// `block` must be valid for writes of `len` bytes.
unsafe fn wipe(block: *mut u8, len: usize) {
    // SAFETY: the caller's.
    unsafe { core::ptr::write_bytes(block, 0, len) };
    core::hint::black_box(block);
    compiler_fence(Ordering::SeqCst);
}

// SAFETY: every block comes from `A` and goes back to it with the layout it has; wiping writes only inside live blocks.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Zeroing<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's, passed on.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's, passed on.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: `block` is live and has `layout`, says the caller.
        unsafe {
            wipe(block, layout.size());
            self.0.dealloc(block, layout);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if shrinks_in_place(layout, new_size) {
            // SAFETY: the tail lies inside the live block; the rest is the caller's, passed on.
            return unsafe {
                wipe(block.add(new_size), layout.size() - new_size);
                self.0.realloc(block, layout, new_size)
            };
        }
        // SAFETY: the caller promises that `new_size`, rounded up to the alignment, does not overflow and is not zero; the
        // two blocks are distinct and each is at least as long as what is copied.
        unsafe {
            let new = self.0.alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
            if !new.is_null() {
                core::ptr::copy_nonoverlapping(block, new, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Keeps what is freed, to look at it: each block's bytes at the moment of freeing.
    #[derive(Default)]
    struct Keeper(Mutex<Vec<Vec<u8>>>);

    // SAFETY: passes everything on to System; reading a live block is allowed.
    unsafe impl GlobalAlloc for Keeper {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: passed on.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: the block is live until System frees it.
            unsafe {
                let bytes = core::slice::from_raw_parts(block, layout.size()).to_vec();
                self.0.lock().expect("one thread").push(bytes);
                System.dealloc(block, layout);
            }
        }

        unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
            // SAFETY: the block is live until System moves it.
            unsafe {
                let tail = core::slice::from_raw_parts(block.add(new_size), layout.size() - new_size).to_vec();
                self.0.lock().expect("one thread").push(tail);
                System.realloc(block, layout, new_size)
            }
        }
    }

    fn filled(allocator: &Zeroing<Keeper>, layout: Layout) -> *mut u8 {
        // SAFETY: the layout is not empty, and the block is as long as what is written.
        unsafe {
            let block = allocator.alloc(layout);
            assert!(!block.is_null());
            core::ptr::write_bytes(block, 0xAB, layout.size());
            block
        }
    }

    fn all_freed_is_zero(allocator: &Zeroing<Keeper>) -> bool {
        let freed = allocator.0.0.lock().expect("one thread");
        !freed.is_empty() && freed.iter().flatten().all(|byte| *byte == 0)
    }

    #[test]
    fn what_is_freed_is_wiped() {
        let (allocator, layout) = (Zeroing(Keeper::default()), Layout::array::<u8>(4096).expect("small"));
        // SAFETY: allocated just above with this layout.
        unsafe { allocator.dealloc(filled(&allocator, layout), layout) };
        assert!(all_freed_is_zero(&allocator));
    }

    #[test]
    fn what_moves_or_shrinks_leaves_nothing_and_keeps_its_bytes() {
        for (align, new_size) in [(1, 8192), (1, 16), (8, 4), (64, 8192), (64, 16)] {
            let layout = Layout::from_size_align(4096, align).expect("small");
            let allocator = Zeroing(Keeper::default());
            let block = filled(&allocator, layout);
            // SAFETY: the block has `layout`; then the new one has the new size.
            unsafe {
                let moved = allocator.realloc(block, layout, new_size);
                let kept = core::slice::from_raw_parts(moved, new_size.min(4096));
                assert!(kept.iter().all(|byte| *byte == 0xAB));
                assert!(all_freed_is_zero(&allocator), "align {align}, to {new_size}");
                allocator.dealloc(moved, Layout::from_size_align(new_size, align).expect("small"));
            }
            assert!(all_freed_is_zero(&allocator));
        }
    }
}
