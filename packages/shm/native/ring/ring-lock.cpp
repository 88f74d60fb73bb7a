#include "ring-lock.hpp"

#include "burial.hpp"
#include "futex.hpp"
#include "mutant.hpp"
#include "step.hpp"
#include "sync.hpp"
#include "word.hpp"

namespace rmq::ring {
namespace {

constexpr int kSpins = 60;
constexpr uint64_t kSliceNs = 1000000;

bool tryTake(std::atomic<uint32_t>& word, uint32_t held) {
  uint32_t expected = 0;
  // SYNC POINT: acquire pairs with the release exchange in unlock(): the next
  // holder sees everything the previous one wrote to lists and descriptors.
  return word.compare_exchange_strong(expected, held, std::memory_order_acquire,
                                      std::memory_order_relaxed);
}

Status lockSlow(Core& core) {
  auto& word = core.v.h->lock.word;
  const uint32_t held = lockword::held(core.me);
  for (int i = 0; i < kSpins; ++i) {
    cpuRelax();
    if (word.load(std::memory_order_relaxed) == 0 && tryTake(word, held)) return Status::ok;
  }
  const uint64_t start = core.clock->nowNs();
  for (;;) {
    uint32_t current = word.load(std::memory_order_relaxed);
    if (current == 0) {
      // Others may sleep behind us: keep the bit, so that our unlock wakes one.
      if (tryTake(word, held | lockword::kContended)) return Status::ok;
      continue;
    }
    const uint32_t owner = lockword::owner(current);
    if (lockword::isFree(current) || owner >= core.v.g.participants) return core.poison();
    if ((current & lockword::kContended) == 0) {
      if (!word.compare_exchange_strong(current, current | lockword::kContended,
                                        std::memory_order_relaxed)) {
        continue;
      }
      current |= lockword::kContended;
    }
    RMQ_STEP(lockContended);
    futexWait(word, current, kSliceNs);
    current = word.load(std::memory_order_relaxed);
    if (lockword::heldBy(current, owner)) {
      if (owner != core.me && !core.liveness->alive(owner)) bury(core, owner);
      if (core.poisoned()) return Status::corrupt;
      if (core.clock->nowNs() - start > core.lockTimeoutNs) {
        core.stalledPid = core.v.parts[owner].pid.load(std::memory_order_relaxed);
        return Status::writerStalled;
      }
    }
  }
}

}  // namespace

Status lock(Core& core) {
  if (core.poisoned()) return Status::corrupt;
  if (!tryTake(core.v.h->lock.word, lockword::held(core.me))) {
    const Status s = lockSlow(core);
    if (s != Status::ok) return s;
  }
  RMQ_STEP(lockTaken);
  return Status::ok;
}

Status lockToPublish(Core& core) {
  const Status s = lock(core);
  if (s != Status::ok || !core.retired()) return s;
  unlock(core);
  return Status::closed;
}

void unlock(Core& core) {
  constexpr auto order =
      kMutant == Mutant::unlockRelaxed ? std::memory_order_relaxed : std::memory_order_release;
  // SYNC POINT: release pairs with the acquire CAS of the next lock().
  const uint32_t old = core.v.h->lock.word.exchange(0, order);
  RMQ_STEP(unlockStored);
  // Dying right here leaves a sleeper; it looks again after its 1 ms slice.
  if (old & lockword::kContended) futexWake(core.v.h->lock.word, 1);
}

}  // namespace rmq::ring
