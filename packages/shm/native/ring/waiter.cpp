#include <algorithm>

#include "futex.hpp"
#include "mutant.hpp"
#include "ring-lock.hpp"
#include "ring.hpp"
#include "step.hpp"
#include "sync.hpp"
#include "waiter.hpp"

namespace rmq::ring {
namespace {

constexpr int kLooksPerClock = 16;

}  // namespace

void ringBells(Core& core, uint32_t k, uint64_t bits) {
  for (; bits != 0; bits &= bits - 1) {
    const uint32_t p = k * 64 + static_cast<uint32_t>(__builtin_ctzll(bits));
    if (p >= core.v.g.participants) break;
    const Participant& part = core.v.parts[p];
    const uint64_t nonce1 = part.bell[1].load(std::memory_order_acquire);
    const uint64_t nonce0 = part.bell[0].load(std::memory_order_relaxed);
    if ((nonce0 | nonce1) != 0 && core.bells != nullptr) core.bells->ring(p, nonce0, nonce1);
  }
}

void Ring::setBell(uint64_t nonce0, uint64_t nonce1) {
  if (mayWrite() == Status::closed || observing()) return;
  Participant& p = core_.v.parts[core_.me];
  p.bell[0].store(nonce0, std::memory_order_relaxed);
  // SYNC POINT: release pairs with the acquire in notify(). A torn pair names no
  // file, or a bell that is rung for nothing.
  p.bell[1].store(nonce1, std::memory_order_release);
}

Status Ring::arm(uint64_t cursor) {
  const Status s = mayWrite();
  if (s != Status::ok) return s;
  core_.v.h->bells.wait[core_.me / 64].fetch_or(bitOf(core_.me), std::memory_order_seq_cst);
  RMQ_STEP(armed);
  // SYNC POINT: full fence between own bit and next_seq or `retired`; partner: the
  // full fence between these and the masks in notify(). One sees the other.
  fullFence();
  if (nextSeq() <= cursor && !retired()) return Status::ok;
  disarm();
  return Status::exists;
}

void Ring::disarm() {
  if (closed_ || observing()) return;
  core_.v.h->bells.wait[core_.me / 64].fetch_and(~bitOf(core_.me), std::memory_order_relaxed);
}

Status Ring::waitFor(uint64_t cursor, uint64_t timeoutNs) {
  const Status s = mayWrite();
  if (s != Status::ok) return s;
  View& v = core_.v;
  auto& sleepers = v.h->bells.sleep[core_.me / 64];
  auto& word = v.h->space.dataWord;
  const uint64_t start = core_.clock->nowNs();
  Status result = Status::ok;
  for (;;) {
    const bool over = retired();
    if (nextSeq() > cursor) break;
    if (over) {
      result = Status::closed;
      break;
    }
    const uint64_t spent = core_.clock->nowNs() - start;
    if (spent >= timeoutNs) {
      result = Status::timedOut;
      break;
    }
    // SYNC POINT: as in arm(), also for `retired`. The futex word is read before looking, so that a
    // bump after the look makes the wait return at once.
    sleepers.fetch_or(bitOf(core_.me), std::memory_order_seq_cst);
    RMQ_STEP(sleepArmed);
    const uint32_t seen = word.load(std::memory_order_acquire);
    fullFence();
    if (kMutant != Mutant::noNotifyRecheck && (nextSeq() > cursor || retired())) continue;
    futexWait(word, seen, std::min(kSliceNs, timeoutNs - spent));
    if (core_.poisoned()) {
      result = Status::corrupt;
      break;
    }
  }
  sleepers.fetch_and(~bitOf(core_.me), std::memory_order_relaxed);
  return result;
}

bool Ring::spinFor(uint64_t cursor, uint64_t limitNs) const {
  if (mayRead() != Status::ok) return false;
  const uint64_t start = core_.clock->nowNs();
  do {
    // The clock costs more than a look.
    for (int i = 0; i < kLooksPerClock; ++i) {
      if (nextSeq() > cursor) return true;
      cpuRelax();
    }
  } while (!retired() && core_.clock->nowNs() - start < limitNs);
  return nextSeq() > cursor;
}

void Ring::retire() {
  if (mayWrite() != Status::ok) return;
  // Inside the lock no put is half-way: what is published is published, and the
  // next one is refused. If a stopped writer keeps the lock, its put may be last.
  const Status locked = lock(core_);
  // SYNC POINT: release pairs with the acquire in Core::retired(); for those who
  // arm themselves meanwhile, the full fence at the beginning of notify().
  core_.v.h->state.retired.store(1, std::memory_order_release);
  RMQ_STEP(retireStored);
  if (locked == Status::ok) unlock(core_);
  else fullFence();
  notify();
  notifySpace();
}

void Ring::notify() {
  View& v = core_.v;
  // SYNC POINT: full fence between next_seq or `retired` (stored before) and the
  // masks; partner: the full fences in arm() and waitFor(). Both lie before the
  // exchange in unlock().
  fullFenceBehindRmw();
  bool sleeping = false;
  for (uint32_t k = 0; k < v.maskWords(); ++k) {
    if (const uint64_t armed = takeArmed(v.h->bells.wait[k])) {
      RMQ_STEP(notifyCleared);
      ringBells(core_, k, armed);
    }
    sleeping |= takeArmed(v.h->bells.sleep[k]) != 0;
  }
  if (!sleeping) return;
  RMQ_STEP(notifyWoken);
  // SYNC POINT: release pairs with the acquire of the futex word in waitFor().
  v.h->space.dataWord.fetch_add(1, std::memory_order_acq_rel);
  futexWake(v.h->space.dataWord, kWakeAll);
}

}  // namespace rmq::ring
