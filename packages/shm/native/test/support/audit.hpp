#pragma once

#include <string>

#include "ring.hpp"

namespace rmq::ring::test {

// Everything that must hold between any two operations, whatever died before.
// Takes the ring's lock. Empty: all is well.
std::string audit(Ring& ring);

// After nobody holds anything any more: no leases, loans, masks or used places
// but this ring's own.
std::string auditIdle(Ring& ring);

}  // namespace rmq::ring::test
