#pragma once

#include <atomic>
#include <cstdint>

namespace rmq::ring {

// Sleeps while `word` holds `expected`, at most `timeoutNs`. May wake for no
// reason; callers look again in a loop. The words live in shared memory, so the
// process-private futex variants would never meet.
void futexWait(std::atomic<uint32_t>& word, uint32_t expected, uint64_t timeoutNs);
void futexWake(std::atomic<uint32_t>& word, int count);

constexpr int kWakeAll = 0x7FFFFFFF;

}  // namespace rmq::ring
