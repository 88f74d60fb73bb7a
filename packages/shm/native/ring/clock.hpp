#pragma once

#include <cstdint>

namespace rmq::ring {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual uint64_t nowNs() = 0;
};

// CLOCK_MONOTONIC: one clock for every process of the host, never set back.
class MonotonicClock final : public Clock {
 public:
  uint64_t nowNs() override;
};

}  // namespace rmq::ring
