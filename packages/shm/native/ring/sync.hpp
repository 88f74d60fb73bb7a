#pragma once

#include <atomic>

#if defined(__SANITIZE_THREAD__)
#define RMQ_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RMQ_TSAN 1
#endif
#endif

namespace rmq::ring {

// ThreadSanitizer does not understand stand-alone fences. A read-modify-write
// on one private word gives it the same edges (and more: that a fence is needed
// at all is shown by the memory-order explorer, not by TSan).
#ifdef RMQ_TSAN
inline std::atomic<unsigned> tsanFence{0};
inline void fullFence() { tsanFence.fetch_add(1, std::memory_order_seq_cst); }
inline void acquireFence() { tsanFence.fetch_add(1, std::memory_order_acq_rel); }
inline void releaseFence() { tsanFence.fetch_add(1, std::memory_order_acq_rel); }
#else
inline void fullFence() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline void acquireFence() { std::atomic_thread_fence(std::memory_order_acquire); }
inline void releaseFence() { std::atomic_thread_fence(std::memory_order_release); }
#endif

// A full fence for who stands behind an atomic read-modify-write: its own, or, seen
// by an acquire load, that of another thread. On x86 such an instruction is a full
// fence itself, and whoever sees its outcome sees what all others see: only the
// compiler is to be held back.
inline void fullFenceBehindRmw() {
#if defined(__x86_64__) && !defined(RMQ_TSAN)
  std::atomic_signal_fence(std::memory_order_seq_cst);
#else
  fullFence();
#endif
}

inline void cpuRelax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace rmq::ring
