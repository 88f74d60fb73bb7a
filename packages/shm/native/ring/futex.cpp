#include "futex.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace rmq::ring {

void futexWait(std::atomic<uint32_t>& word, uint32_t expected, uint64_t timeoutNs) {
  timespec t;
  t.tv_sec = static_cast<time_t>(timeoutNs / 1000000000ull);
  t.tv_nsec = static_cast<long>(timeoutNs % 1000000000ull);
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAIT, expected, &t, nullptr, 0);
}

void futexWake(std::atomic<uint32_t>& word, int count) {
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAKE, count, nullptr, nullptr, 0);
}

}  // namespace rmq::ring
