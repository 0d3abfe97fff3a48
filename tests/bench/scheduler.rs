//! Benches of the scheduler.

fn main() {
    divan::main();
}
