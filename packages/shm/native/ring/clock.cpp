#include "clock.hpp"

#include <time.h>

namespace rmq::ring {

uint64_t MonotonicClock::nowNs() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000ull + static_cast<uint64_t>(t.tv_nsec);
}

}  // namespace rmq::ring
