#include "step.hpp"

namespace rmq::ring {

#ifdef RMQ_STEPS
void (*stepHook)(Step) = nullptr;
#endif

}  // namespace rmq::ring
