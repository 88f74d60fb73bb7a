#pragma once

#include <string>
#include <vector>

#include "status.hpp"

namespace rmq::ring {

// Files that carry no byte locks, such as the Python package's: the kernel grants a
// write lease on a file only to whoever alone has it open or mapped. So a lease
// proves that nobody holds the file, in whatever namespace, running or stopped, and
// makes those who open it meanwhile wait until it is returned.

// ok: nobody has it open. inUse: somebody has. permissionDenied: another user's.
Status proveUnopened(const std::string& path);

// Unlinks them in this order once it is proven of all, else none. Only of this user.
Status removeUnopened(const std::vector<std::string>& paths, Diagnosis& diagnosis);

}  // namespace rmq::ring
