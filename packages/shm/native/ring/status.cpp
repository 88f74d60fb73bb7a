#include "status.hpp"

namespace rmq::ring {

const char* statusName(Status status) {
  switch (status) {
    case Status::ok: return "OK";
    case Status::empty: return "EMPTY";
    case Status::gone: return "GONE";
    case Status::expired: return "EXPIRED";
    case Status::noBuffer: return "NO_BUFFER";
    case Status::leaseLimit: return "LEASE_LIMIT";
    case Status::tooLarge: return "TOO_LARGE";
    case Status::pinned: return "PINNED";
    case Status::writerStalled: return "WRITER_STALLED";
    case Status::full: return "FULL";
    case Status::loanLimit: return "LOAN_LIMIT";
    case Status::staleHandle: return "STALE_HANDLE";
    case Status::notFound: return "NOT_FOUND";
    case Status::exists: return "EXISTS";
    case Status::inUse: return "IN_USE";
    case Status::foreignSegment: return "FOREIGN_SEGMENT";
    case Status::notARing: return "NOT_A_RING";
    case Status::versionMismatch: return "VERSION_MISMATCH";
    case Status::truncated: return "TRUNCATED";
    case Status::corrupt: return "CORRUPT";
    case Status::staleBoot: return "STALE_BOOT";
    case Status::participantsFull: return "PARTICIPANTS_FULL";
    case Status::noSpace: return "NO_SPACE";
    case Status::permissionDenied: return "PERMISSION_DENIED";
    case Status::timedOut: return "TIMED_OUT";
    case Status::closed: return "CLOSED";
    case Status::invalidArgument: return "INVALID_ARGUMENT";
    case Status::unsupported: return "UNSUPPORTED";
    case Status::systemError: return "SYSTEM_ERROR";
  }
  return "UNKNOWN";
}

}  // namespace rmq::ring
