//! Randomness: an argument everywhere else, taken from the system only here.

/// What gives random bytes.
pub trait Random {
    fn fill(&mut self, buffer: &mut [u8]);

    /// The random part of a UUIDv7.
    fn uuid_bytes(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.fill(&mut bytes);
        bytes
    }
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, buffer: &mut [u8]) {
        let mut filled = 0;
        while filled < buffer.len() {
            match rustix::rand::getrandom(&mut buffer[filled..], rustix::rand::GetRandomFlags::empty()) {
                Ok(count) => filled += count,
                // Interrupted, or not seeded yet right after boot: ask again.
                Err(_) => std::thread::yield_now(),
            }
        }
    }
}

/// The same bytes in every test: a counter.
#[derive(Debug, Clone, Copy, Default)]
pub struct CountingRandom(u64);

impl Random for CountingRandom {
    fn fill(&mut self, buffer: &mut [u8]) {
        self.0 += 1;
        for (byte, value) in buffer.iter_mut().rev().zip(self.0.to_le_bytes()) {
            *byte = value;
        }
    }
}
