#include "extents.hpp"

#include "mutant.hpp"
#include "step.hpp"
#include "sync.hpp"
#include "word.hpp"

namespace rmq::ring {

bool linkBeforeHand(Core& core, uint32_t id) {
  View& v = core.v;
  AllocLine& a = v.h->alloc;
  const uint32_t next = a.hand;
  const uint32_t prev = next == kNone ? a.tail : v.links[next].prev;
  if (prev != kNone && !v.validId(prev)) return false;
  v.links[id] = Links{prev, next};
  if (prev == kNone) a.head = id;
  else v.links[prev].next = id;
  RMQ_STEP(allocLinkedHalf);
  if (next == kNone) a.tail = id;
  else v.links[next].prev = id;
  RMQ_STEP(allocLinked);
  return true;
}

bool unlinkExtent(Core& core, uint32_t id) {
  View& v = core.v;
  AllocLine& a = v.h->alloc;
  const auto [prev, next] = v.links[id];
  if ((prev != kNone && !v.validId(prev)) || (next != kNone && !v.validId(next))) return false;
  if (prev == kNone) a.head = next;
  else v.links[prev].next = next;
  RMQ_STEP(reclaimUnlinkedHalf);
  if (next == kNone) a.tail = prev;
  else v.links[next].prev = prev;
  if (a.hand == id) a.hand = next;
  RMQ_STEP(reclaimUnlinked);
  return true;
}

bool hazarded(const View& v, uint32_t id, uint64_t w) {
  const uint64_t wanted = tagged::make(id, word::generation(w));
  for (uint32_t k = 0; k < v.maskWords(); ++k) {
    // SYNC POINT: after the caller's full fence, which pairs with the one in
    // lease(): either this scan sees the hazard (and the mask bit before it), or
    // the lessee's second look sees DEAD. Acquire pairs with the release that
    // clears the bit: a bit seen clear means, as a hazard seen gone does, that
    // the lessee's reads of the payload are over.
    uint64_t mask = v.h->leases.mask[k].load(std::memory_order_acquire);
    for (; mask != 0; mask &= mask - 1) {
      const uint32_t p = k * 64 + static_cast<uint32_t>(__builtin_ctzll(mask));
      if (p >= v.g.participants) break;
      for (const auto& entry : v.parts[p].lease) {
        // SYNC POINT: acquire pairs with the release of 0 in dropLeaseSlot().
        if (entry.load(std::memory_order_acquire) == wanted) return true;
      }
    }
  }
  return false;
}

Status reclaim(Core& core, uint32_t id, bool& reclaimed) {
  View& v = core.v;
  Descriptor& d = v.desc[id];
  reclaimed = false;
  // SYNC POINT: acquire pairs with the release CAS of pop() and discard(): their
  // accesses to the payload are over before it is reused.
  const uint64_t w = d.word.load(std::memory_order_acquire);
  if (word::state(w) != State::dead) return Status::ok;
  // SYNC POINT: full fence between DEAD and (a) the hazard scan, partner: the
  // full fence in lease(); (b) any later store into the extent or the
  // descriptor, partner: the acquire fence of copying readers in validate(). What
  // was ever readable died by a CAS.
  fullFenceBehindRmw();
  if (kMutant != Mutant::noHazardCheck && word::leased(w) && hazarded(v, id, w)) return Status::ok;
  if (!unlinkExtent(core, id)) return core.poison();
  d.word.store(word::make(State::free, 0, word::generation(w)), std::memory_order_release);
  RMQ_STEP(reclaimFreed);
  v.links[id].next = v.h->alloc.freeHead;
  v.h->alloc.freeHead = id;
  RMQ_STEP(reclaimListed);
  reclaimed = true;
  return Status::ok;
}

Status sweep(Core& core) {
  for (uint32_t id = 0; id < core.v.g.descriptors; ++id) {
    bool reclaimed;
    const Status s = reclaim(core, id, reclaimed);
    if (s != Status::ok) return s;
  }
  return Status::ok;
}

}  // namespace rmq::ring
