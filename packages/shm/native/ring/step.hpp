#pragma once

// Places where a test can stop a process dead, one between any two writes to
// shared memory whose separation matters. Without RMQ_STEPS they are nothing.

#define RMQ_STEP_LIST(X)                                                          \
  X(lockTaken) X(lockContended) X(lockStolen) X(unlockStored)                     \
  X(expireMarked) X(evictMarked) X(slotMarked)                                    \
  X(reclaimUnlinkedHalf) X(reclaimUnlinked) X(reclaimFreed) X(reclaimListed)      \
  X(allocPopped) X(allocFields) X(allocLoaned) X(allocLinkedHalf) X(allocLinked)  \
  X(allocPlaced) X(payloadHalf) X(payloadDone) X(loanUnlocked) X(commitShrunk)    \
  X(publishFields) X(publishLive) X(publishIndexed) X(publishDone)                \
  X(putUnlocked) X(notifyCleared) X(notifyWoken)                                  \
  X(discardMarked) X(readFound) X(readHalf) X(readCopied) X(popTaken)             \
  X(oldestAdvanced)                                                               \
  X(leaseMasked) X(leaseCounted) X(leaseMarked) X(leaseHazard) X(leaseDone)       \
  X(unleaseCleared) X(unleaseUncounted) X(unleaseDone)                            \
  X(armed) X(sleepArmed) X(retireStored) X(spaceArmed) X(spaceCleared)             \
  X(buryClaimed) X(buryLoans) X(buryLeases) X(buryMasks) X(buryDone)              \
  X(rebuildRolledBack) X(rebuildFreeList) X(rebuildLinked) X(rebuildIndexed)      \
  X(joinClaimed) X(joinCleaned) X(joinEpoch) X(joinDone)                          \
  X(leaveDone)

namespace rmq::ring {

enum class Step : int {
#define RMQ_STEP_ENUM(name) name,
  RMQ_STEP_LIST(RMQ_STEP_ENUM)
#undef RMQ_STEP_ENUM
      count
};

#ifdef RMQ_STEPS
// Set by the test; called at every step of this process.
extern void (*stepHook)(Step);
#define RMQ_STEP(name)                                        \
  do {                                                        \
    if (::rmq::ring::stepHook) ::rmq::ring::stepHook(::rmq::ring::Step::name); \
  } while (0)
#else
#define RMQ_STEP(name) \
  do {                 \
  } while (0)
#endif

}  // namespace rmq::ring
