#include <algorithm>

#include "futex.hpp"
#include "mutant.hpp"
#include "ring.hpp"
#include "step.hpp"
#include "sync.hpp"
#include "waiter.hpp"

namespace rmq::ring {
namespace {

// Before going to sleep: whoever is at work on the other side is done within this
// time, while sleeping and being woken costs both sides ten times as much.
constexpr uint64_t kLookNs = 4000;
// Each look takes a line away from whoever is at work there. Those that follow each
// other too closely slow the other side down more than they gain.
constexpr int kRelaxesPerLook = 32;

void relax() {
  for (int i = 0; i < kRelaxesPerLook; ++i) cpuRelax();
}

}  // namespace

Status Ring::armSpace() {
  const Status s = mayWrite();
  if (s != Status::ok) return s;
  core_.v.h->space.mask[core_.me / 64].fetch_or(bitOf(core_.me), std::memory_order_seq_cst);
  RMQ_STEP(spaceArmed);
  // SYNC POINT: full fence between own bit and the words of the records, at which
  // the caller looks again by putting; partner: the full fence in notifySpace().
  // Either the put finds the room, or who made it finds the bit.
  fullFence();
  return Status::ok;
}

void Ring::disarmSpace() {
  if (closed_ || observing()) return;
  core_.v.h->space.mask[core_.me / 64].fetch_and(~bitOf(core_.me), std::memory_order_relaxed);
}

void Ring::notifySpace() {
  if (kMutant == Mutant::noSpaceBells || !isQueue() || observing()) return;
  View& v = core_.v;
  SpaceLine& space = v.h->space;
  // SYNC POINT: full fence between DEAD, or the end of a lease, and the mask;
  // partner: the full fence in armSpace(). What makes room is an RMW,
  // or fenced by its maker.
  fullFenceBehindRmw();
  uint64_t armed[kMaskWords];
  uint64_t any = 0;
  for (uint32_t k = 0; k < v.maskWords(); ++k) any |= armed[k] = takeArmed(space.mask[k]);
  if (any == 0) return;
  RMQ_STEP(spaceCleared);
  // A bit does not tell how its owner waits. SYNC POINT: release pairs with the
  // acquire of the futex word in putWithin().
  space.spaceWord.fetch_add(1, std::memory_order_acq_rel);
  futexWake(space.spaceWord, kWakeAll);
  for (uint32_t k = 0; k < v.maskWords(); ++k) ringBells(core_, k, armed[k]);
}

Status Ring::putWithin(const void* data, uint64_t length, const PutOptions& options, uint64_t timeoutNs,
                       uint64_t* seq) {
  Status s = put(data, length, options, seq);
  if (s != Status::full || timeoutNs == 0) return s;
  auto& word = core_.v.h->space.spaceWord;
  const uint64_t start = core_.clock->nowNs();
  while (depth() >= core_.v.g.maxRecords && core_.clock->nowNs() - start < std::min(kLookNs, timeoutNs)) relax();
  for (;;) {
    const uint64_t spent = core_.clock->nowNs() - start;
    if (spent >= timeoutNs) {
      s = Status::timedOut;
      break;
    }
    // Before arming: who clears the bit changes this word after it.
    const uint32_t seen = word.load(std::memory_order_acquire);
    s = armSpace();
    if (s == Status::ok) s = put(data, length, options, seq);
    if (s != Status::full) break;
    futexWait(word, seen, std::min(kSliceNs, timeoutNs - spent));
  }
  disarmSpace();
  return s;
}

bool Ring::lookFor(uint64_t cursor, uint64_t limitNs) const {
  const uint64_t start = core_.clock->nowNs();
  do {
    relax();
    if (nextSeq() > cursor) return true;
  } while (!retired() && core_.clock->nowNs() - start < limitNs);
  return false;
}

Status Ring::popWithin(int64_t n, RecordSink& sink, uint64_t timeoutNs, uint64_t* delivered) {
  uint64_t start = 0;  // not asked before there is a reason to wait
  for (;;) {
    if (closed_) return Status::closed;
    Status s = pop(n, sink, delivered);
    if (s != Status::ok || *delivered > 0) return s;
    if (knownRetired_) return Status::closed;
    if (timeoutNs == 0) return Status::empty;
    const uint64_t now = core_.clock->nowNs();
    if (start == 0) {
      start = now;
      if (lookFor(knownNext_, std::min(kLookNs, timeoutNs))) continue;
    }
    s = now - start >= timeoutNs ? Status::timedOut : waitFor(knownNext_, timeoutNs - (now - start));
    // Retired while it slept: what came before that is still to be had.
    if (s != Status::ok && s != Status::closed) return s;
  }
}

}  // namespace rmq::ring
