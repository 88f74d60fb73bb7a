#include "rebuild.hpp"

#include <algorithm>

#include "mutant.hpp"
#include "records.hpp"
#include "step.hpp"
#include "word.hpp"

namespace rmq::ring {
namespace {

// A record that was never acknowledged: next_seq had not passed it, so no
// reader can have looked at it, and its number will be given again.
uint64_t rollBack(Core& core, Descriptor& d, uint64_t w, uint64_t nextSeq) {
  if (kMutant == Mutant::noRollback) return w;
  if (word::state(w) != State::live || d.seq.load(std::memory_order_relaxed) < nextSeq) return w;
  if (killRecord(d, w)) {
    bumpLocked(core.v.h->count.aborted);
    RMQ_STEP(rebuildRolledBack);
  }
  return d.word.load(std::memory_order_acquire);
}

// Fills core.scratch with (offset, id) of all extents; returns false on damage.
bool collect(Core& core, uint64_t nextSeq, uint32_t& count, uint32_t& freeHead) {
  View& v = core.v;
  count = 0;
  freeHead = kNone;
  for (uint32_t id = v.g.descriptors; id-- > 0;) {
    Descriptor& d = v.desc[id];
    const uint64_t w = rollBack(core, d, d.word.load(std::memory_order_acquire), nextSeq);
    if (word::state(w) == State::free) {
      v.links[id].next = freeHead;
      freeHead = id;
      continue;
    }
    if (word::state(w) > State::dead) return false;
    const uint64_t off = d.off.load(std::memory_order_relaxed);
    const uint64_t foot = d.foot.load(std::memory_order_relaxed);
    if (foot == 0 || off + foot > v.arenaUnits()) return false;
    core.scratch[count++] = (off << 32) | id;
  }
  return true;
}

bool linkSorted(Core& core, uint32_t count) {
  View& v = core.v;
  std::sort(core.scratch.get(), core.scratch.get() + count);
  uint64_t end = 0;
  uint32_t prev = kNone;
  for (uint32_t i = 0; i < count; ++i) {
    const auto id = static_cast<uint32_t>(core.scratch[i]);
    const uint64_t off = core.scratch[i] >> 32;
    if (off < end) return false;
    end = off + v.desc[id].foot.load(std::memory_order_relaxed);
    v.links[id] = Links{prev, kNone};
    if (prev == kNone) v.h->alloc.head = id;
    else v.links[prev].next = id;
    prev = id;
  }
  if (count == 0) v.h->alloc.head = kNone;
  v.h->alloc.tail = prev;
  return true;
}

}  // namespace

Status rebuild(Core& core) {
  View& v = core.v;
  AllocLine& a = v.h->alloc;
  const uint64_t nextSeq = v.h->pub.nextSeq.load(std::memory_order_relaxed);
  uint32_t count;
  uint32_t freeHead;
  if (!collect(core, nextSeq, count, freeHead)) return core.poison();
  a.freeHead = freeHead;
  RMQ_STEP(rebuildFreeList);
  if (!linkSorted(core, count)) return core.poison();
  RMQ_STEP(rebuildLinked);

  // The hand goes behind the newest record, where it would be had nobody died.
  a.apos = 0;
  a.hand = a.head;
  uint64_t newest = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const auto id = static_cast<uint32_t>(core.scratch[i]);
    Descriptor& d = v.desc[id];
    if (word::state(d.word.load(std::memory_order_acquire)) != State::live) continue;
    const uint64_t seq = d.seq.load(std::memory_order_relaxed);
    a.lastTs.store(std::max(a.lastTs.load(std::memory_order_relaxed), d.monoNs.load(std::memory_order_relaxed)),
                   std::memory_order_relaxed);
    // Entries of dead records may stay: their descriptors no longer match. Never
    // blank an entry first, or a reader would miss a record that is there.
    v.index[seq & v.slotMask].store(tagged::make(id, seq & tagged::kTagMask), std::memory_order_release);
    if (seq >= newest) {
      newest = seq;
      a.apos = uint64_t{d.off.load(std::memory_order_relaxed)} + d.foot.load(std::memory_order_relaxed);
      a.hand = v.links[id].next;
    }
  }
  RMQ_STEP(rebuildIndexed);
  bumpLocked(v.h->count.rebuilds);
  return Status::ok;
}

}  // namespace rmq::ring
