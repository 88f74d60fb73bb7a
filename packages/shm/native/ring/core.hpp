#pragma once

#include <cstdint>
#include <memory>

#include "clock.hpp"
#include "geometry.hpp"
#include "layout.hpp"
#include "liveness.hpp"
#include "status.hpp"

namespace rmq::ring {

// Typed pointers into one mapping, placed by the private geometry.
struct View {
  Geometry g;
  Header* h = nullptr;
  Participant* parts = nullptr;
  Descriptor* desc = nullptr;
  std::atomic<uint64_t>* index = nullptr;
  Links* links = nullptr;
  uint8_t* arena = nullptr;
  uint64_t slotMask = 0;

  bool validId(uint32_t id) const { return id < g.descriptors; }
  uint64_t arenaUnits() const { return g.arenaBytes / kUnit; }
  uint32_t maskWords() const { return (g.participants + 63) / 64; }
};

View viewOf(void* base, const Geometry& geometry);

// How a participant's event loop is woken, and how a dead one's bell is removed.
class BellTower {
 public:
  virtual ~BellTower() = default;
  virtual void ring(uint32_t participant, uint64_t nonce0, uint64_t nonce1) = 0;
  virtual void removeDead(uint64_t nonce0, uint64_t nonce1) = 0;
};

// What the parts of one attachment share. One thread at a time uses it.
struct Core {
  View v;
  Liveness* liveness = nullptr;
  Clock* clock = nullptr;
  BellTower* bells = nullptr;  // may be null
  uint32_t me = kNone;
  uint64_t lockTimeoutNs = 1000000000ull;
  uint64_t stalledPid = 0;              // who held the lock when WRITER_STALLED was returned
  std::unique_ptr<uint64_t[]> scratch;  // D words for rebuild, which must not allocate
  std::unique_ptr<uint64_t[]> probedAt;  // when a participant's liveness was last asked

  // SYNC POINT: acquire pairs with the release in retire(): whoever sees it sees
  // all that was published before.
  bool retired() const { return v.h->state.retired.load(std::memory_order_acquire) != 0; }
  bool poisoned() const { return v.h->state.poison.load(std::memory_order_relaxed) != 0; }
  Status poison() {
    v.h->state.poison.store(1, std::memory_order_relaxed);
    return Status::corrupt;
  }
};

bool prepareCore(Core& core);  // false: out of memory

inline void bump(std::atomic<uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }
// Counters that only the lock holder writes: no locked instruction needed.
inline void addLocked(std::atomic<uint64_t>& counter, uint64_t amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}
inline void bumpLocked(std::atomic<uint64_t>& counter) { addLocked(counter, 1); }

}  // namespace rmq::ring
