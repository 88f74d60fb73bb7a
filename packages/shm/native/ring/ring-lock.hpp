#pragma once

#include "core.hpp"

namespace rmq::ring {

// The writers' lock: allocation, publication and recovery happen inside, all of
// them short. Not a pthread robust mutex, which knows its owner by thread id:
// two containers both have a thread 1.
//
// Never called while holding it. A dead owner is buried on the way; a living
// one that keeps it past core.lockTimeoutNs yields WRITER_STALLED.
Status lock(Core& core);
// For those who give records out. Also closed: the ring was retired.
Status lockToPublish(Core& core);
void unlock(Core& core);

}  // namespace rmq::ring
