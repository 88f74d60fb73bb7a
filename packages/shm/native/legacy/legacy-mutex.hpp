#pragma once

#include <sys/types.h>

#include <string>

namespace rmq::legacy {

inline constexpr gid_t kNoGroup = static_cast<gid_t>(-1);

// Makes the `<segment>_mutex` that an original robotmq client locks before it
// copies a record out of `<segment>`, in place of any older one. It is robust and
// NOTRECOVERABLE from birth: locking it fails at once, which those clients ignore,
// so none ever waits for another, alive, stopped or dead. What protects the bytes
// is a lease for each reference that is handed out.
//
// 0600, or 0660 for `group`: clients open it for writing. Complete before it has
// its name. Returns 0 or an errno.
int createLegacyMutex(const std::string& segmentPath, gid_t group);

}  // namespace rmq::legacy
