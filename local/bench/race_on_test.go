//go:build race

package bench

// raceDetector says that this test is built with it. It allocates on its own account.
const raceDetector = true
