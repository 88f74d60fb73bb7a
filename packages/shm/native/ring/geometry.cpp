#include "geometry.hpp"

#include <cstring>

#include "crc32c.hpp"

namespace rmq::ring {
namespace {

constexpr uint64_t kMaxArena = 1ull << 37;  // off/64 and foot/64 stay far inside 32 bits
constexpr uint32_t kMaxRecords = 1u << 22;

// Everything else follows from these few numbers.
void derive(Geometry& g) {
  uint32_t slots = 2;
  while (slots < g.maxRecords) slots *= 2;
  g.indexSlots = slots;
  // One each for what is indexed, leased after its death, and loaned: leases
  // and loans can never starve a writer of descriptors.
  g.descriptors = slots + g.participants * (kLeasesEach + kLoansEach);
  g.offPart = kHeaderBytes;
  g.offDesc = g.offPart + uint64_t{g.participants} * sizeof(Participant);
  g.offIndex = g.offDesc + uint64_t{g.descriptors} * sizeof(Descriptor);
  g.offLinks = g.offIndex + uint64_t{slots} * 8;
  g.offArena = roundUp(g.offLinks + uint64_t{g.descriptors} * sizeof(Links), kPage);
  g.totalBytes = g.offArena + g.arenaBytes;
}

bool sane(const Geometry& g) {
  return (g.mode == kModeTopic || (g.mode == kModeQueue && g.ttlNs == 0)) && g.participants >= 1 &&
         g.participants <= kMaxParticipants && g.maxRecords >= 1 && g.maxRecords <= kMaxRecords &&
         g.arenaBytes >= kPage && g.arenaBytes <= kMaxArena && g.arenaBytes % kPage == 0 &&
         g.maxRecordBytes <= g.arenaBytes && g.leaseBudget <= g.arenaBytes;
}

}  // namespace

Status planGeometry(const Options& options, Geometry& out) {
  Geometry g;
  if (options.capacityBytes == 0 || options.capacityBytes > kMaxArena) return Status::invalidArgument;
  g.mode = options.mode;
  g.participants = options.participants;
  g.maxRecords = options.maxRecords;
  g.arenaBytes = roundUp(options.capacityBytes, kPage);
  g.maxRecordBytes = options.maxRecordBytes == 0 ? g.arenaBytes : options.maxRecordBytes;
  g.ttlNs = options.ttlNs;
  g.leaseBudget = options.leaseBudgetBytes == 0 ? g.arenaBytes / 4 : options.leaseBudgetBytes;
  if (!sane(g)) return Status::invalidArgument;
  derive(g);
  out = g;
  return Status::ok;
}

uint32_t headerCrc(const uint8_t* header) {
  uint32_t crc = crc32c(0, header, offsetof(Identity, crc));
  return crc32c(crc, header + offsetof(Header, description), kDescriptionMax);
}

Status checkHeader(const uint8_t* header, uint64_t fileBytes, Geometry& out, Diagnosis& diagnosis) {
  Identity id;
  std::memcpy(&id, header, sizeof id);
  if (id.magic != kMagic) {
    diagnosis.reason = "no ring magic";
    return Status::notARing;
  }
  if (id.abi != kAbi) {
    diagnosis.expectedAbi = kAbi;
    diagnosis.foundAbi = id.abi;
    diagnosis.reason = "written by another version";
    return Status::versionMismatch;
  }
  if (id.crc != headerCrc(header)) {
    diagnosis.reason = "header checksum";
    return Status::corrupt;
  }
  Geometry g;
  g.mode = id.mode;
  g.participants = id.participants;
  g.maxRecords = id.maxRecords;
  g.arenaBytes = id.arenaBytes;
  g.maxRecordBytes = id.maxRecordBytes;
  g.ttlNs = id.ttlNs;
  g.leaseBudget = id.leaseBudget;
  if (!sane(g) || id.leasesEach != kLeasesEach || id.descriptionBytes > kDescriptionMax) {
    diagnosis.reason = "header numbers out of range";
    return Status::corrupt;
  }
  derive(g);
  if (g.indexSlots != id.indexSlots || g.descriptors != id.descriptors || g.offPart != id.offPart ||
      g.offDesc != id.offDesc || g.offIndex != id.offIndex || g.offArena != id.offArena ||
      g.totalBytes != id.totalBytes) {
    diagnosis.reason = "header numbers contradict each other";
    return Status::corrupt;
  }
  if (fileBytes != g.totalBytes) {
    diagnosis.neededBytes = g.totalBytes;
    diagnosis.availableBytes = fileBytes;
    diagnosis.reason = "file size differs from the header";
    return Status::truncated;
  }
  out = g;
  return Status::ok;
}

}  // namespace rmq::ring
