#include "records.hpp"

#include "step.hpp"
#include "word.hpp"

namespace rmq::ring {

bool isLive(const View& v, uint64_t seq) {
  const uint32_t id = indexed(v, seq);
  if (id == kNone) return false;
  const Descriptor& d = v.desc[id];
  // SYNC POINT: acquire pairs with the release store of LIVE in publish(): the
  // sequence read next is this generation's, or a later one's, and then the
  // record asked for is dead anyway.
  const uint64_t w = d.word.load(std::memory_order_acquire);
  return word::state(w) == State::live && d.seq.load(std::memory_order_relaxed) == seq;
}

bool killRecord(Descriptor& d, uint64_t w) {
  const uint64_t wanted = w;
  while (word::state(w) == State::live && word::same(w, wanted)) {
    // SYNC POINT: the CAS carries a LEASED bit set meanwhile into DEAD. Nothing
    // of the extent may be rewritten before the full fence in reclaim(), which
    // pairs with the acquire fence of copying readers: on ARM a CAS alone does
    // not hold later plain stores back, and on x86 non-temporal stores of a
    // large memcpy may pass an earlier plain store.
    if (d.word.compare_exchange_strong(w, word::withState(w, State::dead),
                                       std::memory_order_acq_rel, std::memory_order_acquire)) {
      return true;
    }
  }
  return false;
}

uint64_t oldestBound(const View& v, uint64_t nextSeq) {
  // SYNC POINT: acquire pairs with the release in advanceOldest(). The value is
  // a fact about dead records, so an old one is merely less useful.
  const uint64_t oldest = v.h->oldest.seq.load(std::memory_order_acquire);
  const uint64_t kept = nextSeq > v.g.maxRecords ? nextSeq - v.g.maxRecords : 1;
  return oldest > kept ? oldest : kept;
}

uint64_t advanceOldest(Core& core) {
  const View& v = core.v;
  const uint64_t next = v.h->pub.nextSeq.load(std::memory_order_acquire);
  uint64_t o = oldestBound(v, next);
  while (o < next && !isLive(v, o)) ++o;
  raiseOldest(core, o);
  return o;
}

void raiseOldest(Core& core, uint64_t seq) {
  std::atomic<uint64_t>& oldest = core.v.h->oldest.seq;
  uint64_t seen = oldest.load(std::memory_order_relaxed);
  // SYNC POINT: release pairs with the acquire in oldestBound().
  while (seen < seq &&
         !oldest.compare_exchange_weak(seen, seq, std::memory_order_release, std::memory_order_relaxed)) {
  }
  RMQ_STEP(oldestAdvanced);
}

}  // namespace rmq::ring
