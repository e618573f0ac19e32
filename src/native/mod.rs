//! The 1C Native API: exports, vtables, variants, host interfaces. The only room with unsafe code.
