#pragma once

#include "core.hpp"
#include "word.hpp"

namespace rmq::ring {

// Sequence → descriptor, and the one transition that ends a record's life.

// Descriptor id that the index gives for `seq`, or kNone.
inline uint32_t indexed(const View& v, uint64_t seq) {
  // SYNC POINT: acquire pairs with the release store of the index in publish().
  const uint64_t entry = v.index[seq & v.slotMask].load(std::memory_order_acquire);
  if (tagged::tag(entry) != (seq & tagged::kTagMask)) return kNone;
  const uint32_t id = tagged::id(entry);
  return v.validId(id) ? id : kNone;
}

// False is final: a record that is not LIVE never becomes LIVE again.
bool isLive(const View& v, uint64_t seq);

// LIVE → DEAD. True if this caller did it.
bool killRecord(Descriptor& d, uint64_t word);

// No LIVE record has a smaller sequence than the result.
uint64_t oldestBound(const View& v, uint64_t nextSeq);

// Moves `oldest` over dead records. Anyone attached for writing may do it.
uint64_t advanceOldest(Core& core);
// Tells that no LIVE record has a sequence smaller than `seq`.
void raiseOldest(Core& core, uint64_t seq);

}  // namespace rmq::ring
