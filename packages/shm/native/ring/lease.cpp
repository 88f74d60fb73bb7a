#include "mutant.hpp"
#include "records.hpp"
#include "ring.hpp"
#include "step.hpp"
#include "sync.hpp"
#include "word.hpp"

namespace rmq::ring {
namespace {

// SYNC POINT: the full fence between own `pinned` and the sum pairs with the
// same fence of another lessee: of two that would exceed the budget together,
// at least one sees the other.
bool withinBudget(const View& v) {
  fullFence();
  uint64_t sum = 0;
  for (uint32_t k = 0; k < v.maskWords(); ++k) {
    uint64_t mask = v.h->leases.mask[k].load(std::memory_order_relaxed);
    for (; mask != 0; mask &= mask - 1) {
      const uint32_t p = k * 64 + static_cast<uint32_t>(__builtin_ctzll(mask));
      if (p >= v.g.participants) break;
      sum += v.parts[p].pinned.load(std::memory_order_relaxed);
    }
  }
  return sum <= v.g.leaseBudget;
}

// LIVE → LIVE with LEASED, once per generation: only then do writers scan
// hazards for this record at all.
bool markLeased(Descriptor& d, uint64_t wanted) {
  uint64_t w = d.word.load(std::memory_order_relaxed);
  while (word::same(w, wanted)) {
    if (word::leased(w)) return true;
    // SYNC POINT: acq_rel pairs with the CAS of killRecord() and take(): either
    // DEAD carries the bit, or this CAS fails.
    if (d.word.compare_exchange_weak(w, w | word::kLeased, std::memory_order_acq_rel,
                                     std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

}  // namespace

void Ring::dropLeaseSlot(uint32_t slot, uint64_t foot) {
  View& v = core_.v;
  Participant& p = v.parts[core_.me];
  // SYNC POINT: release pairs with the acquire scan in hazarded(): our reads of
  // the payload stay before it.
  p.lease[slot].store(0, std::memory_order_release);
  RMQ_STEP(unleaseCleared);
  p.pinned.store(p.pinned.load(std::memory_order_relaxed) - foot, std::memory_order_relaxed);
  RMQ_STEP(unleaseUncounted);
  if (--leasesHeld_ == 0) {
    // SYNC POINT: release pairs with the acquire of the mask in hazarded(), which
    // then skips the entries and with them the pair above.
    v.h->leases.mask[core_.me / 64].fetch_and(~(1ull << (core_.me % 64)), std::memory_order_release);
  }
  RMQ_STEP(unleaseDone);
}

Status Ring::leaseFound(const Found& found, Lease& lease) {
  View& v = core_.v;
  Participant& p = v.parts[core_.me];
  uint32_t slot = 0;
  while (slot < kLeasesEach && p.lease[slot].load(std::memory_order_relaxed) != 0) ++slot;
  if (slot == kLeasesEach) return Status::leaseLimit;

  if (leasesHeld_++ == 0) {
    v.h->leases.mask[core_.me / 64].fetch_or(1ull << (core_.me % 64), std::memory_order_relaxed);
  }
  RMQ_STEP(leaseMasked);
  p.pinned.store(p.pinned.load(std::memory_order_relaxed) + found.foot, std::memory_order_relaxed);
  RMQ_STEP(leaseCounted);
  Status s = withinBudget(v) ? Status::ok : Status::leaseLimit;
  Descriptor& d = v.desc[found.id];
  if (s == Status::ok && !markLeased(d, found.word)) s = Status::gone;
  RMQ_STEP(leaseMarked);
  if (s == Status::ok) {
    p.lease[slot].store(tagged::make(found.id, word::generation(found.word)), std::memory_order_release);
    RMQ_STEP(leaseHazard);
    // SYNC POINT: full fence between hazard and second look; partner: the full
    // fence between DEAD and the scan in reclaim(). Release and acquire alone
    // would let both sides miss each other.
    fullFence();
    if (kMutant != Mutant::noLeaseRecheck &&
        !word::same(d.word.load(std::memory_order_acquire), found.word)) {
      s = Status::gone;
    }
  }
  if (s != Status::ok) {
    dropLeaseSlot(slot, found.foot);
    return s;
  }
  RMQ_STEP(leaseDone);
  lease.record = found.record;
  lease.data = v.arena + found.record.offset;
  lease.foot = found.foot;
  lease.slot = slot;
  lease.id = found.id;
  lease.word = found.word;
  return Status::ok;
}

Status Ring::lease(uint64_t seq, Lease& lease) {
  Found found;
  Status s = mayWrite();
  if (s == Status::ok) s = findRecord(seq, found);
  return s == Status::ok ? leaseFound(found, lease) : s;
}

Status Ring::leaseNewest(Lease& lease) {
  Found found;
  for (;;) {
    Status s = mayWrite();
    if (s == Status::ok) s = findNewest(found);
    if (s == Status::ok) s = leaseFound(found, lease);
    if (s != Status::gone) return s;  // gone: a newer one exists, or none
  }
}

void Ring::unlease(Lease& lease) {
  if (lease.slot >= kLeasesEach || closed_ || observing()) return;
  dropLeaseSlot(lease.slot, lease.foot);
  lease.slot = kNone;
  lease.data = nullptr;
  // SYNC POINT: for notifySpace(). Where other leases are open, a mere store was
  // the end of this one.
  if (isQueue()) fullFence();
  notifySpace();
}

Reference Ring::reference(const Lease& lease) const {
  return Reference{core_.v.g.totalBytes, core_.v.g.offArena + lease.record.offset, lease.record.length};
}

}  // namespace rmq::ring
