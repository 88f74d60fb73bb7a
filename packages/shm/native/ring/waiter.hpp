#pragma once

#include "core.hpp"

namespace rmq::ring {

// Someone may die between a change and the ring that tells of it: sleepers look
// again at least this often.
constexpr uint64_t kSliceNs = 100000000;

inline uint64_t bitOf(uint32_t participant) { return 1ull << (participant % 64); }

// Clears one word of a mask and returns what was set. Who clears a bit wakes: once
// per arming.
inline uint64_t takeArmed(std::atomic<uint64_t>& mask) {
  return mask.load(std::memory_order_relaxed) == 0 ? 0 : mask.exchange(0, std::memory_order_acq_rel);
}

// Rings the bells of these: the k-th 64 participants.
void ringBells(Core& core, uint32_t k, uint64_t bits);

}  // namespace rmq::ring
