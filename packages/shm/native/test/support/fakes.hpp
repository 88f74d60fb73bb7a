#pragma once

#include <array>
#include <cstdint>

#include "clock.hpp"
#include "core.hpp"
#include "liveness.hpp"

namespace rmq::ring::test {

class FakeClock final : public Clock {
 public:
  uint64_t nowNs() override { return now; }
  uint64_t now = 1000000000;
  void advance(uint64_t ns) { now += ns; }
};

// Who holds which byte. 0: nobody; otherwise the holder's number.
struct FakeHouse {
  std::array<int, 256> holder{};
  void die(int who) {
    for (int& h : holder) {
      if (h == who) h = 0;
    }
  }
};

class FakeLiveness final : public Liveness {
 public:
  FakeLiveness(FakeHouse& house, int who) : house_(house), who_(who) {}
  bool claim(uint32_t p) override {
    if (house_.holder[p] != 0 && house_.holder[p] != who_) return false;
    house_.holder[p] = who_;
    return true;
  }
  void release(uint32_t p) override {
    if (house_.holder[p] == who_) house_.holder[p] = 0;
  }
  bool alive(uint32_t p) override {
    ++asked;
    return house_.holder[p] != 0 && house_.holder[p] != who_;
  }
  int asked = 0;

 private:
  FakeHouse& house_;
  int who_;
};

class FakeBells final : public BellTower {
 public:
  void ring(uint32_t participant, uint64_t, uint64_t) override {
    ++rings;
    lastRung = participant;
  }
  void removeDead(uint64_t nonce0, uint64_t) override {
    ++removed;
    lastRemoved = nonce0;
  }
  int rings = 0;
  int removed = 0;
  uint32_t lastRung = kNone;
  uint64_t lastRemoved = 0;
};

}  // namespace rmq::ring::test
