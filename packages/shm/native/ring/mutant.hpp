#pragma once

namespace rmq::ring {

// Deliberate bugs. A test run builds the ring once with each of them and
// requires that a test fails; product builds define none, and every
// `if constexpr` below then vanishes.
enum class Mutant {
  none,
  noHazardCheck,    // reclaim ignores leases
  noValidation,     // a copying read is not checked afterwards
  popByStore,       // pop marks the record with a store instead of a CAS
  noRebuild,        // a dead writer's lists are taken over as they are
  unlockRelaxed,    // the lock is handed over without release
  noLoanBurial,     // loans of dead participants are kept
  noRollback,       // rebuild keeps records that were never acknowledged
  noLeaseRecheck,   // a lease is not confirmed after its hazard is visible
  noNotifyRecheck,  // a sleeper does not look again after it armed
  noSpaceBells,     // who takes from a queue tells nobody
};

#ifndef RMQ_MUTANT
#define RMQ_MUTANT none
#endif
constexpr Mutant kMutant = Mutant::RMQ_MUTANT;

}  // namespace rmq::ring
