#include "burial.hpp"

#include "mutant.hpp"
#include "rebuild.hpp"
#include "ring-lock.hpp"
#include "step.hpp"
#include "word.hpp"

namespace rmq::ring {
namespace {

constexpr uint64_t kProbeIntervalNs = 10000000;

void takeOverLock(Core& core, uint32_t victim) {
  auto& word = core.v.h->lock.word;
  uint32_t current = word.load(std::memory_order_acquire);
  // Waiters may still set the contended bit; the owner part cannot change,
  // since nobody but the holder of the victim's byte may take it over.
  while (lockword::heldBy(current, victim)) {
    const uint32_t mine = lockword::held(core.me) | (current & lockword::kContended);
    // SYNC POINT: acquire; the partner is the kernel: the victim's stores were
    // complete when it dropped the byte lock that we now hold.
    if (!word.compare_exchange_weak(current, mine, std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
      continue;
    }
    RMQ_STEP(lockStolen);
    if (kMutant != Mutant::noRebuild) rebuild(core);
    unlock(core);
    return;
  }
}

void abandonLoans(Core& core, uint32_t victim) {
  for (uint32_t id = 0; id < core.v.g.descriptors; ++id) {
    Descriptor& d = core.v.desc[id];
    uint64_t w = d.word.load(std::memory_order_relaxed);
    if (word::state(w) != State::loaned || word::owner(w) != victim) continue;
    // SYNC POINT: release pairs with the acquire in reclaim().
    if (d.word.compare_exchange_strong(w, word::withState(w, State::dead),
                                       std::memory_order_acq_rel, std::memory_order_relaxed)) {
      bump(core.v.h->count.aborted);
      RMQ_STEP(buryLoans);
    }
  }
}

void clearMasks(View& v, uint32_t victim) {
  const uint64_t keep = ~(1ull << (victim % 64));
  const uint32_t k = victim / 64;
  v.h->bells.wait[k].fetch_and(keep, std::memory_order_relaxed);
  v.h->bells.sleep[k].fetch_and(keep, std::memory_order_relaxed);
  v.h->space.mask[k].fetch_and(keep, std::memory_order_relaxed);
  // SYNC POINT: release pairs with the acquire of the mask in hazarded(); when a
  // participant leaves by itself, its reads must be over first.
  v.h->leases.mask[k].fetch_and(keep, std::memory_order_release);
}

}  // namespace

void cleanAfter(Core& core, uint32_t victim) {
  View& v = core.v;
  Participant& p = v.parts[victim];
  takeOverLock(core, victim);
  if (kMutant != Mutant::noLoanBurial) abandonLoans(core, victim);
  // SYNC POINT: release pairs with the acquire scan in hazarded().
  for (auto& entry : p.lease) entry.store(0, std::memory_order_release);
  RMQ_STEP(buryLeases);
  p.pinned.store(0, std::memory_order_relaxed);
  clearMasks(v, victim);
  RMQ_STEP(buryMasks);
  const uint64_t nonce0 = p.bell[0].exchange(0, std::memory_order_relaxed);
  const uint64_t nonce1 = p.bell[1].exchange(0, std::memory_order_relaxed);
  if ((nonce0 | nonce1) != 0 && core.bells != nullptr) core.bells->removeDead(nonce0, nonce1);
  p.flags.store(0, std::memory_order_relaxed);
  // Last: as long as pid is set, everyone knows that something may be left.
  p.pid.store(0, std::memory_order_release);
  RMQ_STEP(buryDone);
}

bool bury(Core& core, uint32_t victim) {
  if (victim == core.me || victim >= core.v.g.participants) return false;
  if (!core.liveness->claim(victim)) return false;
  RMQ_STEP(buryClaimed);
  if (core.v.parts[victim].pid.load(std::memory_order_relaxed) != 0) bump(core.v.h->count.burials);
  cleanAfter(core, victim);
  core.liveness->release(victim);
  return true;
}

uint32_t reap(Core& core) {
  uint32_t buried = 0;
  for (uint32_t p = 0; p < core.v.g.participants; ++p) {
    if (p == core.me || core.v.parts[p].pid.load(std::memory_order_acquire) == 0) continue;
    if (!core.liveness->alive(p) && bury(core, p)) ++buried;
  }
  return buried;
}

bool seenDead(Core& core, uint32_t participant) {
  if (participant == core.me || participant >= core.v.g.participants) return false;
  const uint64_t now = core.clock->nowNs();
  uint64_t& last = core.probedAt[participant];
  if (last != 0 && now - last < kProbeIntervalNs) return false;
  last = now;
  return !core.liveness->alive(participant);
}

}  // namespace rmq::ring
