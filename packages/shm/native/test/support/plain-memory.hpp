#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>

#include "fakes.hpp"
#include "format.hpp"
#include "ring.hpp"

namespace rmq::ring::test {

// A ring over ordinary memory, with fake lives and a fake clock.
class PlainMemory {
 public:
  explicit PlainMemory(const Options& options, uint64_t firstSeq = 1) {
    if (planGeometry(options, geometry) != Status::ok) std::abort();
    bytes_ = static_cast<uint8_t*>(std::aligned_alloc(kPage, geometry.totalBytes));
    std::memset(bytes_, 0, geometry.totalBytes);
    Birth birth;
    birth.firstSeq = firstSeq;
    if (formatRing(bytes_, geometry, birth) != Status::ok) std::abort();
  }
  ~PlainMemory() { std::free(bytes_); }
  PlainMemory(const PlainMemory&) = delete;
  PlainMemory& operator=(const PlainMemory&) = delete;

  uint8_t* bytes() { return bytes_; }

  Geometry geometry;
  FakeHouse house;
  FakeClock clock;

 private:
  uint8_t* bytes_;
};

// One participant of it.
class Member {
 public:
  explicit Member(PlainMemory& memory, bool observer = false)
      : memory_(memory), who(++count_), liveness(memory.house, who), ring_(std::make_unique<Ring>()) {
    const Ring::Surroundings around{&liveness, &memory.clock, &bells, 1000000000ull};
    if (ring_->bind(memory.bytes(), memory.geometry, around) != Status::ok) std::abort();
    if (!observer) joined = ring_->join(Self{static_cast<uint64_t>(who), 1, 1});
  }
  // As kill -9: nothing is tidied, the byte is free.
  void die() {
    memory_.house.die(who);
    ring_->abandon();
  }
  Ring& ring() { return *ring_; }
  Ring* operator->() { return ring_.get(); }

 private:
  PlainMemory& memory_;
  static inline int count_ = 0;

 public:
  const int who;
  FakeLiveness liveness;
  FakeBells bells;
  Status joined = Status::ok;

 private:
  std::unique_ptr<Ring> ring_;
};

}  // namespace rmq::ring::test
