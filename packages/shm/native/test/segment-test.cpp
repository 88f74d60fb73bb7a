#include <gtest/gtest.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>

#include "inspection.hpp"
#include "kernel-features.hpp"
#include "process-self.hpp"
#include "segment.hpp"
#include "sole-opener.hpp"
#include "space.hpp"
#include "support/audit.hpp"
#include "support/children.hpp"
#include "support/pattern.hpp"
#include "support/sinks.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

CreateOptions small() {
  CreateOptions c;
  c.ring.capacityBytes = 256 * 1024;
  c.ring.maxRecords = 32;
  c.ring.participants = 8;
  c.description = "server\0topic\0epoch";
  return c;
}

class Segment : public ::testing::Test {
 protected:
  Status create(const CreateOptions& c = small()) { return createSegment(path, c, attach, mine, why); }
  Status join(std::unique_ptr<Attachment>& out) { return attachSegment(path, attach, out, why); }
  void overwrite(off_t at, const void* bytes, size_t length) {
    const int fd = open(path.path.c_str(), O_RDWR);
    ASSERT_EQ(pwrite(fd, bytes, length, at), static_cast<ssize_t>(length));
    close(fd);
  }
  // Identity changed behind everyone's back, with a right checksum.
  template <class Change>
  void forge(Change&& change) {
    uint8_t header[kHeaderBytes];
    const int fd = open(path.path.c_str(), O_RDWR);
    ASSERT_EQ(pread(fd, header, sizeof header, 0), static_cast<ssize_t>(sizeof header));
    auto* id = reinterpret_cast<Identity*>(header);
    change(*id);
    id->crc = headerCrc(header);
    ASSERT_EQ(pwrite(fd, header, sizeof header, 0), static_cast<ssize_t>(sizeof header));
    close(fd);
  }

  ScopedPath path{"seg"};
  AttachOptions attach;
  std::unique_ptr<Attachment> mine;
  std::unique_ptr<Attachment> other;
  Diagnosis why;
};

TEST_F(Segment, TwoAttachmentsOfOneProcessAreTwoParticipants) {
  ASSERT_EQ(create(), Status::ok);
  ASSERT_EQ(join(other), Status::ok);
  EXPECT_NE(mine->ring().participant(), other->ring().participant());
  ASSERT_EQ(mine->ring().put("hello", 5, {}, nullptr), Status::ok);
  Collect sink;
  ASSERT_EQ(other->ring().peek(0, sink, nullptr), Status::ok);
  ASSERT_EQ(sink.got.size(), 1u);
  EXPECT_EQ(other->description(), small().description);
  EXPECT_TRUE(other->isNamed());
  struct stat st;
  ASSERT_EQ(stat(path.path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0600u);
  EXPECT_EQ(static_cast<uint64_t>(st.st_size), mine->identity().totalBytes);
  EXPECT_GE(static_cast<uint64_t>(st.st_blocks) * 512, mine->identity().totalBytes) << "pages not taken";
  EXPECT_EQ(create(), Status::exists);
}

TEST_F(Segment, LeaveFreesThePlaceAndDeathIsSeenByTheByteAlone) {
  ASSERT_EQ(create(), Status::ok);
  ASSERT_EQ(join(other), Status::ok);
  const uint32_t place = other->ring().participant();
  other->close();
  ASSERT_EQ(join(other), Status::ok);
  EXPECT_EQ(other->ring().participant(), place);
  Child child;
  auto* ready = sharedByFork<std::atomic<uint32_t>>();
  ASSERT_TRUE(child.start([&] {
    std::unique_ptr<Attachment> a;
    Diagnosis d;
    if (attachSegment(path, {}, a, d) != Status::ok) return 1;
    Loan loan;
    a->ring().loan(1000, 64, loan);
    ready->store(a->ring().participant() + 1);
    return sleepForEver();
  }));
  ASSERT_TRUE(eventually([&] { return ready->load() != 0; }));
  const uint32_t p = ready->load() - 1;
  ParticipantInfo info;
  ASSERT_TRUE(mine->ring().participantInfo(p, info));
  EXPECT_TRUE(info.alive);
  EXPECT_EQ(info.self.pid, static_cast<uint64_t>(child.pid()));
  EXPECT_EQ(mine->ring().reapDead(), 0u);
  // A zombie answers kill(pid, 0); its byte is free all the same.
  child.signal(SIGKILL);
  ASSERT_TRUE(eventually([&] { return mine->ring().reapDead() == 1; }));
  EXPECT_EQ(::kill(child.pid(), 0), 0) << "still a zombie";
  child.wait();
  EXPECT_EQ(audit(mine->ring()), "");
}

TEST_F(Segment, PlacesRunOutAndComeBack) {
  CreateOptions c = small();
  c.ring.participants = 2;
  ASSERT_EQ(create(c), Status::ok);
  ASSERT_EQ(join(other), Status::ok);
  std::unique_ptr<Attachment> third;
  EXPECT_EQ(join(third), Status::participantsFull);
  other->close();
  EXPECT_EQ(join(third), Status::ok);
}

TEST_F(Segment, TwoHundredFiftySixParticipants) {
  CreateOptions c = small();
  c.ring.participants = 256;
  ASSERT_EQ(create(c), Status::ok);
  std::vector<std::unique_ptr<Attachment>> all(255);
  for (auto& a : all) ASSERT_EQ(join(a), Status::ok);
  EXPECT_EQ(join(other), Status::participantsFull);
  Ring& last = all.back()->ring();
  EXPECT_EQ(last.participant(), 255u);
  uint64_t seq;
  ASSERT_EQ(last.put("x", 1, {}, &seq), Status::ok);
  Lease lease;
  ASSERT_EQ(last.lease(seq, lease), Status::ok);
  EXPECT_EQ(mine->ring().core().v.h->leases.mask[3].load(), 1ull << 63);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(mine->ring().put("yy", 2, {}, nullptr), Status::ok);
  EXPECT_EQ(*lease.data, 'x');
  last.unlease(lease);
  EXPECT_EQ(audit(mine->ring()), "");
}

TEST_F(Segment, ObserversTakeNoPlaceAndCannotWrite) {
  ASSERT_EQ(create(), Status::ok);
  ASSERT_EQ(mine->ring().put("hello", 5, {}, nullptr), Status::ok);
  std::unique_ptr<Attachment> eye;
  ASSERT_EQ(observeSegment(path, attach, eye, why), Status::ok);
  EXPECT_TRUE(eye->ring().observing());
  Collect sink;
  EXPECT_EQ(eye->ring().peek(-1, sink, nullptr), Status::ok);
  EXPECT_EQ(sink.got.size(), 1u);
  EXPECT_EQ(eye->ring().put("x", 1, {}, nullptr), Status::unsupported);
  ParticipantInfo info;
  EXPECT_TRUE(eye->ring().participantInfo(mine->ring().participant(), info));
  EXPECT_TRUE(info.alive);
  mine->close();
  EXPECT_EQ(removeSegment(path, attach, why), Status::ok) << "observers hold nothing";
  sink.got.clear();
  EXPECT_EQ(eye->ring().peek(-1, sink, nullptr), Status::ok) << "and lose nothing";
}

TEST_F(Segment, MappingOutlivesTheAttachment) {
  ASSERT_EQ(create(), Status::ok);
  ASSERT_EQ(mine->ring().put("hello", 5, {}, nullptr), Status::ok);
  Lease lease;
  ASSERT_EQ(mine->ring().lease(1, lease), Status::ok);
  std::shared_ptr<Mapping> held = mine->mapping();
  const uint8_t* data = lease.data;
  mine.reset();
  EXPECT_EQ(std::memcmp(data, "hello", 5), 0);
}

TEST_F(Segment, RemoveOnlyWhatNobodyHolds) {
  EXPECT_EQ(removeSegment(path, attach, why), Status::notFound);
  ASSERT_EQ(create(), Status::ok);
  EXPECT_EQ(removeSegment(path, attach, why), Status::inUse);
  ASSERT_EQ(join(other), Status::ok);
  mine->close();
  EXPECT_EQ(removeSegment(path, attach, why), Status::inUse);
  other->close();
  EXPECT_EQ(removeSegment(path, attach, why), Status::ok);
  EXPECT_EQ(join(other), Status::notFound);
}

TEST_F(Segment, RemovingLeavesNothingOfTheKilledBehind) {
  ASSERT_EQ(create(), Status::ok);
  struct Bells {
    std::atomic<uint64_t> nonce[3][2];
  };
  auto& bells = sharedByFork<Bells>()->nonce;
  Child children[3];
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(children[i].start([&, i] {
      std::unique_ptr<Attachment> a;
      Diagnosis d;
      Bell bell;
      if (attachSegment(path, {}, a, d) != Status::ok || bell.open("/dev/shm", kNoGroup, d) != Status::ok) return 1;
      a->ring().setBell(bell.nonce0(), bell.nonce1());
      bells[i][0].store(bell.nonce0());
      bells[i][1].store(bell.nonce1());
      return sleepForEver();
    }));
  }
  ASSERT_TRUE(eventually([&] {
    return bells[0][1].load() != 0 && bells[1][1].load() != 0 && bells[2][1].load() != 0;
  }));
  const std::string mutex = path.path + "_mutex";
  std::ofstream(mutex).close();
  mine->close();
  EXPECT_EQ(removeSegment(path, attach, why), Status::inUse);
  EXPECT_EQ(access(mutex.c_str(), F_OK), 0) << "in use: nothing is touched";
  for (Child& c : children) c.kill();
  EXPECT_EQ(removeSegment(path, attach, why), Status::ok);
  EXPECT_EQ(access(mutex.c_str(), F_OK), -1);
  for (auto& b : bells) EXPECT_EQ(access(bellPath("/dev/shm", b[0], b[1]).c_str(), F_OK), -1);
}

TEST_F(Segment, NameIsTakenAwayFromUnderTheAttached) {
  ASSERT_EQ(create(), Status::ok);
  ASSERT_EQ(join(other), Status::ok);
  const std::string mutex = path.path + "_mutex";
  std::ofstream(mutex).close();
  // Someone in the middle of attaching has the byte; a short time only.
  const int stuck = open(path.path.c_str(), O_RDWR);
  ASSERT_TRUE(tryAttachByte(stuck, AttachLock::shared));
  EXPECT_EQ(mine->unlinkName(), Status::inUse);
  EXPECT_TRUE(mine->isNamed());
  close(stuck);
  EXPECT_EQ(mine->unlinkName(), Status::ok);
  EXPECT_EQ(access(path.path.c_str(), F_OK), -1);
  EXPECT_EQ(access(mutex.c_str(), F_OK), -1);
  EXPECT_EQ(other->unlinkName(), Status::notFound);
  ASSERT_EQ(other->ring().put("x", 1, {}, nullptr), Status::ok);
  EXPECT_EQ(mine->ring().nextSeq(), 2u);
  // A successor of that name is not the predecessor's to remove.
  std::unique_ptr<Attachment> successor;
  ASSERT_EQ(createSegment(path, small(), attach, successor, why), Status::ok);
  EXPECT_EQ(mine->unlinkName(), Status::notFound);
  EXPECT_TRUE(successor->isNamed());
  mine->close();
  EXPECT_EQ(mine->unlinkName(), Status::closed);
}

TEST_F(Segment, NamedTemporaryWhereThereIsNoTmpfile) {
  CreateOptions c = small();
  c.namedTemporary = true;
  ASSERT_EQ(create(c), Status::ok);
  ASSERT_EQ(join(other), Status::ok);
  EXPECT_EQ(createSegment(path, c, attach, other, why), Status::exists);
  std::ofstream("/dev/shm/.rmqnew-dead0000test").close();
  chmod("/dev/shm/.rmqnew-dead0000test", 0600);
  EXPECT_EQ(removeDeadTemporaries("/dev/shm"), 1u);
  EXPECT_EQ(removeDeadTemporaries("/dev/shm"), 0u);
}

TEST_F(Segment, EveryKindOfForeignerHasItsStatus) {
  EXPECT_EQ(join(other), Status::notFound);
  ASSERT_EQ(create(), Status::ok);
  mine->close();
  const char* p = path.path.c_str();

  chmod(p, 0644);
  EXPECT_EQ(join(other), Status::foreignSegment) << "readable by others";
  chmod(p, 0660);
  EXPECT_EQ(join(other), Status::ok) << "own file of a group";
  other->close();
  chmod(p, 0600);
  ASSERT_EQ(chown(p, 12345, static_cast<gid_t>(-1)), 0);
  EXPECT_EQ(join(other), Status::foreignSegment) << "another user's";
  EXPECT_STREQ(why.reason, "belongs to another user");
  EXPECT_EQ(removeSegment(path, attach, why), Status::foreignSegment);
  ASSERT_EQ(chown(p, 0, static_cast<gid_t>(-1)), 0);
  const std::string second = path.path + "_link";
  ASSERT_EQ(link(p, second.c_str()), 0);
  EXPECT_EQ(join(other), Status::foreignSegment) << "two names";
  unlink(second.c_str());
  ASSERT_EQ(symlink(p, second.c_str()), 0);
  EXPECT_EQ(attachSegment(second, attach, other, why), Status::foreignSegment) << "symbolic link";
  EXPECT_EQ(createSegment(second, small(), attach, other, why), Status::exists);
  unlink(second.c_str());
  ASSERT_EQ(mkfifo(second.c_str(), 0600), 0);
  EXPECT_EQ(attachSegment(second, attach, other, why), Status::foreignSegment) << "fifo";
  unlink(second.c_str());
  ASSERT_EQ(mkdir(second.c_str(), 0700), 0);
  EXPECT_EQ(attachSegment(second, attach, other, why), Status::foreignSegment) << "directory";
  rmdir(second.c_str());
  EXPECT_EQ(attachSegment("/dev/null", attach, other, why), Status::foreignSegment) << "device";

  EXPECT_EQ(join(other), Status::ok);
}

TEST_F(Segment, BrokenFilesAreRefusedByName) {
  ASSERT_EQ(create(), Status::ok);
  const uint64_t total = mine->identity().totalBytes;
  mine->close();
  const char* p = path.path.c_str();
  ASSERT_EQ(truncate(p, static_cast<off_t>(total - 4096)), 0);
  EXPECT_EQ(join(other), Status::truncated);
  EXPECT_EQ(why.neededBytes, total);
  ASSERT_EQ(truncate(p, 100), 0);
  EXPECT_EQ(join(other), Status::truncated);
  ASSERT_EQ(truncate(p, 0), 0);
  EXPECT_EQ(join(other), Status::notARing);
  EXPECT_EQ(removeSegment(path, attach, why), Status::notARing) << "could be anybody's";
  unlink(p);

  ASSERT_EQ(create(), Status::ok);
  mine->close();
  forge([](Identity& id) { id.abi = 3; });
  EXPECT_EQ(join(other), Status::versionMismatch);
  EXPECT_EQ(why.expectedAbi, kAbi);
  EXPECT_EQ(why.foundAbi, 3u);
  forge([](Identity& id) { id.abi = kAbi; });
  EXPECT_EQ(join(other), Status::ok);
  other->close();
  overwrite(0x20, "x", 1);
  EXPECT_EQ(join(other), Status::corrupt);
  EXPECT_EQ(observeSegment(path, attach, other, why), Status::corrupt);
  overwrite(0, "X", 1);
  EXPECT_EQ(join(other), Status::notARing);
}

TEST_F(Segment, EarlierBootIsStaleAndReplaced) {
  ASSERT_EQ(create(), Status::ok);
  mine->close();
  forge([](Identity& id) { id.bootId[0] ^= 1; });
  EXPECT_EQ(join(other), Status::staleBoot);
  bool created = false;
  EXPECT_EQ(openOrCreateSegment(path, small(), attach, other, created, why), Status::ok);
  EXPECT_TRUE(created);
  std::unique_ptr<Attachment> third;
  EXPECT_EQ(openOrCreateSegment(path, small(), attach, third, created, why), Status::ok);
  EXPECT_FALSE(created);
}

TEST_F(Segment, DescriptionAndSizesAreChecked) {
  CreateOptions c = small();
  c.description.assign(1025, 'x');
  EXPECT_EQ(create(c), Status::invalidArgument);
  c.description.assign(1024, 'x');
  EXPECT_EQ(create(c), Status::ok);
  EXPECT_EQ(mine->description().size(), 1024u);
  mine->close();
  unlink(path.path.c_str());
  c = small();
  c.ring.mode = kModeQueue;
  c.ring.ttlNs = 1;
  EXPECT_EQ(create(c), Status::invalidArgument) << "a queue forgets nothing";
  EXPECT_EQ(createSegment("/dev/shm/no/such/dir", small(), attach, mine, why), Status::notFound);
}

// --- memory that is not there

class TinyTmpfs : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/rmqt_tmpfs_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory = name;
    if (mount("tmpfs", name, "tmpfs", 0, "size=8m") != 0) {
      rmdir(name);
      GTEST_SKIP() << "cannot mount a tmpfs here: " << strerror(errno);
    }
    mounted = true;
  }
  void TearDown() override {
    if (mounted) umount2(directory.c_str(), MNT_DETACH);
    rmdir(directory.c_str());
  }
  std::string directory;
  bool mounted = false;
};

TEST_F(TinyTmpfs, FullIsAStatusAndNotASignal) {
  CreateOptions c = small();
  c.ring.capacityBytes = 64 << 20;
  std::unique_ptr<Attachment> a;
  std::unique_ptr<Attachment> b;
  Diagnosis why;
  EXPECT_EQ(createSegment(directory + "/big", c, {}, a, why), Status::noSpace);
  EXPECT_GT(why.neededBytes, why.availableBytes);
  c.ring.capacityBytes = 5 << 20;
  ASSERT_EQ(createSegment(directory + "/one", c, {}, a, why), Status::ok);
  EXPECT_EQ(createSegment(directory + "/two", c, {}, b, why), Status::noSpace);
  std::vector<uint8_t> all(5 << 20, 7);
  EXPECT_EQ(a->ring().put(all.data(), all.size(), {}, nullptr), Status::ok);
  EXPECT_EQ(access((directory + "/two").c_str(), F_OK), -1);
}

TEST_F(TinyTmpfs, FallocateFailsCleanlyWhenTheCheckWasOvertaken) {
  const int fd = open((directory + "/hog").c_str(), O_CREAT | O_RDWR, 0600);
  ASSERT_EQ(posix_fallocate(fd, 0, 7 << 20), 0);
  EXPECT_EQ(posix_fallocate(fd, 7 << 20, 4 << 20), ENOSPC);
  close(fd);
  Diagnosis why;
  std::unique_ptr<Attachment> a;
  EXPECT_EQ(createSegment(directory + "/x", small(), {}, a, why), Status::ok);
}

TEST_F(Segment, IsInspectedWithoutAPlaceOrATrace) {
  ASSERT_EQ(create(), Status::ok);
  ASSERT_EQ(join(other), Status::ok);
  ASSERT_EQ(mine->ring().put("record", 6, {}, nullptr), Status::ok);
  Lease lease;
  ASSERT_EQ(other->ring().leaseNewest(lease), Status::ok);
  Inspection seen;
  inspectSegment(path.path, seen);
  EXPECT_EQ(seen.status, Status::ok);
  EXPECT_EQ(seen.holders, 2u);
  EXPECT_FALSE(seen.entering);
  EXPECT_EQ(seen.description, small().description);
  EXPECT_EQ(seen.live.records, 1u);
  EXPECT_EQ(seen.live.bytes, 6u);
  ASSERT_EQ(seen.participants.size(), 2u);
  EXPECT_TRUE(seen.participants[1].alive);
  EXPECT_EQ(seen.participants[1].leases, 1u);
  other->ring().unlease(lease);
  other->close();
  mine->close();
  inspectSegment(path.path, seen);
  EXPECT_EQ(seen.holders, 0u);
  EXPECT_TRUE(seen.participants.empty());
}

TEST_F(Segment, OfAnotherVersionIsInspectedAsFarAsLocksGo) {
  ASSERT_EQ(create(), Status::ok);
  forge([](Identity& id) { id.abi = 7; });
  Inspection seen;
  inspectSegment(path.path, seen);
  EXPECT_EQ(seen.status, Status::versionMismatch);
  EXPECT_EQ(seen.diagnosis.foundAbi, 7u);
  EXPECT_EQ(seen.holders, 1u);
  EXPECT_TRUE(seen.description.empty());
}

TEST_F(Segment, IsRemovedOnlyIfEmptyWhereThatIsAsked) {
  ASSERT_EQ(create(), Status::ok);
  ASSERT_EQ(mine->ring().put("record", 6, {}, nullptr), Status::ok);
  EXPECT_EQ(removeSegment(path.path, attach, why, Remove::ifEmpty), Status::inUse);
  mine->close();
  EXPECT_EQ(removeSegment(path.path, attach, why, Remove::ifEmpty), Status::full);
  ASSERT_EQ(join(other), Status::ok);
  Collect sink;
  ASSERT_EQ(other->ring().pop(0, sink, nullptr), Status::ok);
  other->close();
  EXPECT_EQ(removeSegment(path.path, attach, why, Remove::ifEmpty), Status::ok);
  EXPECT_EQ(removeSegment(path.path, attach, why, Remove::ifEmpty), Status::notFound);
}

TEST(SoleOpener, IsNobodyElseHoweverTheFileIsHeld) {
  const ScopedPath data{"sole"};
  const ScopedPath mutex{"sole-mutex"};
  EXPECT_EQ(proveUnopened(data.path), Status::notFound);
  for (const auto& file : {data.path, mutex.path}) std::ofstream(file) << std::string(5000, 'x');
  EXPECT_EQ(proveUnopened(data.path), Status::ok);
  Diagnosis why;
  for (const int access : {O_RDONLY, O_WRONLY, O_RDWR}) {
    const int fd = open(data.path.c_str(), access);
    EXPECT_EQ(proveUnopened(data.path), Status::inUse);
    EXPECT_EQ(removeUnopened({mutex.path, data.path}, why), Status::inUse);
    close(fd);
  }
  {
    Mapping mapping;
    const int fd = open(data.path.c_str(), O_RDONLY);
    ASSERT_TRUE(mapping.map(fd, data.path.c_str(), 4096, false));
    close(fd);
    EXPECT_EQ(proveUnopened(data.path), Status::inUse);
  }
  EXPECT_EQ(access(mutex.path.c_str(), F_OK), 0);
  EXPECT_EQ(removeUnopened({mutex.path, data.path}, why), Status::ok);
  EXPECT_NE(access(mutex.path.c_str(), F_OK), 0);
  EXPECT_NE(access(data.path.c_str(), F_OK), 0);
}

TEST(KernelFeatures, AreTriedInTheFolderAtHand) {
  KernelFeatures features;
  tryKernelFeatures("/dev/shm", features);
  EXPECT_EQ(features.byteLocks, 0);
  EXPECT_EQ(features.reserving, 0);
  EXPECT_EQ(features.futexes, 0);
  EXPECT_EQ(features.fifos, 0);
  tryKernelFeatures("/nowhere", features);
  EXPECT_EQ(features.byteLocks, ENOENT);
  EXPECT_EQ(features.fifos, ENOENT);
}

TEST(Space, CgroupLimitsOfBothVersionsAndEveryLevel) {
  char root[] = "/tmp/rmqt_cg_XXXXXX";
  ASSERT_NE(mkdtemp(root), nullptr);
  const std::string r = root;
  const auto write = [&](const std::string& name, const std::string& text) { std::ofstream(r + "/" + name) << text; };
  mkdir((r + "/a").c_str(), 0700);
  mkdir((r + "/a/b").c_str(), 0700);
  mkdir((r + "/memory").c_str(), 0700);
  mkdir((r + "/memory/v").c_str(), 0700);
  write("proc", "0::/a/b\n");
  const auto available = [&] { return cgroupAvailable((r + "/proc").c_str(), root); };
  EXPECT_EQ(available(), ~0ull);
  write("a/b/memory.max", "max\n");
  write("a/b/memory.current", "5\n");
  EXPECT_EQ(available(), ~0ull);
  write("a/memory.max", "1000000\n");
  write("a/memory.current", "400000\n");
  EXPECT_EQ(available(), 600000u) << "the parent is the tight one";
  write("a/memory.stat", "anon 1\nactive_file 100000\ninactive_file 50000\n");
  EXPECT_EQ(available(), 750000u) << "page cache can go";
  write("a/b/memory.max", "100\n");
  write("a/b/memory.current", "200\n");
  EXPECT_EQ(available(), 0u);
  write("proc", "8:cpu:/x\n4:memory,foo:/v\n0::/nowhere\n");
  EXPECT_EQ(available(), ~0ull);
  write("memory/v/memory.limit_in_bytes", "9223372036854771712\n");
  write("memory/v/memory.usage_in_bytes", "1\n");
  EXPECT_EQ(available(), ~0ull);
  write("memory/v/memory.limit_in_bytes", "5000\n");
  write("memory/v/memory.stat", "total_inactive_file 1\n");
  EXPECT_EQ(available(), 5000u);
  EXPECT_EQ(cgroupAvailable("/no/such/file", root), ~0ull);
  ASSERT_EQ(system(("rm -r " + r).c_str()), 0);
}

TEST_F(Segment, PagesCanBeTouchedWithoutPopulate) {
  ASSERT_EQ(create(), Status::ok);
  ASSERT_EQ(mine->ring().put("hello", 5, {}, nullptr), Status::ok);
  const auto map = mine->mapping();
  const std::vector<uint8_t> before(map->data(), map->data() + map->bytes());
  map->touchPages(0, map->bytes());
  EXPECT_EQ(std::memcmp(before.data(), map->data(), map->bytes()), 0);
  AttachOptions eager;
  eager.prefaultArena = true;
  ASSERT_EQ(attachSegment(path, eager, other, why), Status::ok);
}

// --- forks

TEST_F(Segment, ForkedChildHoldsNothingOfItsParent) {
  ASSERT_EQ(create(), Status::ok);
  ASSERT_EQ(join(other), Status::ok);
  ASSERT_EQ(other->ring().put("x", 1, {}, nullptr), Status::ok);
  Child child;
  auto* result = sharedByFork<std::atomic<int>>();
  ASSERT_TRUE(child.start([&] {
    const Status s = other->ring().put("y", 1, {}, nullptr);
    other->close();
    result->store(s == Status::closed ? 1 : 2);
    return sleepForEver();
  }));
  ASSERT_TRUE(eventually([&] { return result->load() != 0; }));
  EXPECT_EQ(result->load(), 1) << "the child must not act as its parent";
  const uint32_t place = other->ring().participant();
  ParticipantInfo info;
  ASSERT_TRUE(mine->ring().participantInfo(place, info));
  EXPECT_TRUE(info.alive) << "the parent lives on";
  other->close();
  EXPECT_FALSE(mine->ring().participantInfo(place, info));
  std::unique_ptr<Attachment> again;
  ASSERT_EQ(join(again), Status::ok);
  EXPECT_EQ(again->ring().participant(), place) << "the living child kept the byte";
}

TEST_F(Segment, LivingGrandchildDoesNotKeepADeadParentAlive) {
  ASSERT_EQ(create(), Status::ok);
  auto* ready = sharedByFork<std::atomic<int>>();
  Child parent;
  ASSERT_TRUE(parent.start([&] {
    std::unique_ptr<Attachment> a;
    Diagnosis d;
    if (attachSegment(path, {}, a, d) != Status::ok) return 1;
    // Forked without exec: it inherits the mapping and every open file.
    const pid_t child = fork();
    if (child == 0) {
      ready->store(static_cast<int>(getpid()));
      sleepForEver();
    }
    return sleepForEver();
  }));
  ASSERT_TRUE(eventually([&] { return ready->load() != 0; }));
  EXPECT_EQ(mine->ring().reapDead(), 0u);
  parent.kill();
  EXPECT_EQ(mine->ring().reapDead(), 1u) << "the grandchild still proves its parent's life";
  EXPECT_EQ(::kill(ready->load(), SIGKILL), 0);
}

TEST_F(Segment, ViewThatOutlivesItsAttachmentHoldsNoPlace) {
  ASSERT_EQ(create(), Status::ok);
  std::shared_ptr<Mapping> view = mine->mapping();
  mine.reset();
  EXPECT_EQ(removeSegment(path, attach, why), Status::ok);
}

// --- bells

TEST_F(Segment, BellRingsOncePerArming) {
  ASSERT_EQ(create(), Status::ok);
  ASSERT_EQ(join(other), Status::ok);
  Bell bell;
  ASSERT_EQ(bell.open("/dev/shm", kNoGroup, why), Status::ok);
  struct stat st;
  ASSERT_EQ(stat(bell.path().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode, static_cast<mode_t>(S_IFIFO | 0600));
  Ring& reader = other->ring();
  reader.setBell(bell.nonce0(), bell.nonce1());
  ASSERT_EQ(reader.arm(1), Status::ok);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(mine->ring().put("x", 1, {}, nullptr), Status::ok);
  EXPECT_EQ(bell.drain(), 1u);
  EXPECT_EQ(reader.arm(5), Status::exists);
  ASSERT_EQ(reader.arm(6), Status::ok);
  ASSERT_EQ(mine->ring().put("x", 1, {}, nullptr), Status::ok);
  pollfd p{bell.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&p, 1, 0), 1);
  EXPECT_EQ(bell.drain(), 1u);
  const std::string file = bell.path();
  bell.close();
  EXPECT_EQ(access(file.c_str(), F_OK), -1);
  ASSERT_EQ(reader.arm(7), Status::ok);
  EXPECT_EQ(mine->ring().put("x", 1, {}, nullptr), Status::ok) << "a bell that is gone harms nobody";
}

TEST_F(Segment, BellThatIsNoFifoIsNotWrittenTo) {
  ASSERT_EQ(create(), Status::ok);
  ASSERT_EQ(join(other), Status::ok);
  const std::string trap = bellPath("/dev/shm", 0x1234, 0x5678);
  std::ofstream(trap).close();
  other->ring().setBell(0x1234, 0x5678);
  ASSERT_EQ(other->ring().arm(1), Status::ok);
  ASSERT_EQ(mine->ring().put("x", 1, {}, nullptr), Status::ok);
  struct stat st;
  ASSERT_EQ(stat(trap.c_str(), &st), 0);
  EXPECT_EQ(st.st_size, 0);
  unlink(trap.c_str());
}

TEST_F(Segment, BellOfTheDeadIsRemovedWithThem) {
  ASSERT_EQ(create(), Status::ok);
  struct Nonce {
    std::atomic<uint64_t> half[2];
  };
  auto& n = sharedByFork<Nonce>()->half;
  Child child;
  ASSERT_TRUE(child.start([&] {
    std::unique_ptr<Attachment> a;
    Diagnosis d;
    Bell bell;
    if (attachSegment(path, {}, a, d) != Status::ok || bell.open("/dev/shm", kNoGroup, d) != Status::ok) return 1;
    a->ring().setBell(bell.nonce0(), bell.nonce1());
    n[0].store(bell.nonce0());
    n[1].store(bell.nonce1());
    return sleepForEver();
  }));
  ASSERT_TRUE(eventually([&] { return n[1].load() != 0; }));
  const std::string file = bellPath("/dev/shm", n[0].load(), n[1].load());
  EXPECT_EQ(access(file.c_str(), F_OK), 0);
  child.kill();
  EXPECT_EQ(mine->ring().reapDead(), 1u);
  EXPECT_EQ(access(file.c_str(), F_OK), -1);
}

TEST_F(Segment, GroupReaderOfAnotherUserIsWoken) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to become two users";
  constexpr gid_t kGroup = 54321;
  attach.group = kGroup;
  ASSERT_EQ(create(), Status::ok);
  struct stat st;
  ASSERT_EQ(stat(path.path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0660u);
  EXPECT_EQ(st.st_gid, kGroup);
  struct Shared {
    std::atomic<int> armed;
    std::atomic<int> woken;
  };
  auto* shared = sharedByFork<Shared>();
  Child child;
  ASSERT_TRUE(child.start([&] {
    if (setgid(kGroup) != 0 || setuid(4242) != 0) return 1;
    std::unique_ptr<Attachment> a;
    Diagnosis d;
    AttachOptions plain;
    if (attachSegment(path, plain, a, d) != Status::foreignSegment) return 2;
    AttachOptions o;
    o.group = kGroup;
    if (attachSegment(path, o, a, d) != Status::ok) return 3;
    Bell bell;
    if (bell.open("/dev/shm", kGroup, d) != Status::ok) return 4;
    a->ring().setBell(bell.nonce0(), bell.nonce1());
    if (a->ring().arm(1) != Status::ok) return 5;
    shared->armed.store(1);
    pollfd p{bell.fd(), POLLIN, 0};
    if (::poll(&p, 1, 10000) != 1) return 6;
    Collect sink;
    if (a->ring().peek(1, sink, nullptr) != Status::ok || sink.got.size() != 1) return 7;
    return 0;
  }));
  ASSERT_TRUE(eventually([&] { return shared->armed.load() == 1; }));
  // The writer is another non-root member of the group.
  Child writer;
  ASSERT_TRUE(writer.start([&] {
    if (setgid(kGroup) != 0 || setuid(4343) != 0) return 1;
    std::unique_ptr<Attachment> a;
    Diagnosis d;
    AttachOptions o;
    o.group = kGroup;
    if (attachSegment(path, o, a, d) != Status::ok) return 2;
    return a->ring().put("hello", 5, {}, nullptr) == Status::ok ? 0 : 3;
  }));
  EXPECT_EQ(writer.wait(), 0);
  EXPECT_EQ(child.wait(), 0);
}

TEST_F(Segment, FutexSleeperOfAnotherProcessIsWoken) {
  ASSERT_EQ(create(), Status::ok);
  auto* slept = sharedByFork<std::atomic<int>>();
  Child child;
  ASSERT_TRUE(child.start([&] {
    std::unique_ptr<Attachment> a;
    Diagnosis d;
    if (attachSegment(path, {}, a, d) != Status::ok) return 1;
    for (uint64_t next = 1; next <= 50; ++next) {
      slept->store(static_cast<int>(next));
      if (a->ring().waitFor(next, 20000000000ull) != Status::ok) return 2;
    }
    return 0;
  }));
  Ring& ring = mine->ring();
  for (int i = 1; i <= 50; ++i) {
    ASSERT_TRUE(eventually([&] { return slept->load() >= i; }));
    if (i % 2) {
      ASSERT_TRUE(eventually([&] { return ring.core().v.h->bells.sleep[0].load() != 0 || slept->load() > i; }));
    }
    ASSERT_EQ(ring.put("x", 1, {}, nullptr), Status::ok);
  }
  EXPECT_EQ(child.wait(), 0);
}

// --- races

struct RaceBoard {
  std::atomic<uint32_t> go;
  std::atomic<uint32_t> created;
  std::atomic<uint32_t> failed;
};

TEST_F(Segment, SixRacingCreatorsMakeOneSegmentAlsoWhenKilled) {
  uint32_t kills = 0;
  for (uint32_t round = 0; round < 60; ++round) {
    auto* board = sharedByFork<RaceBoard>();
    const bool named = round % 2 == 1;
    std::vector<Child> racers(6);
    for (auto& racer : racers) {
      ASSERT_TRUE(racer.start([&] {
        while (board->go.load() == 0) sched_yield();
        CreateOptions c = small();
        c.namedTemporary = named;
        std::unique_ptr<Attachment> a;
        Diagnosis d;
        bool created = false;
        const Status s = openOrCreateSegment(path, c, {}, a, created, d);
        if (s != Status::ok) {
          board->failed.fetch_add(1);
          return 1;
        }
        if (created) board->created.fetch_add(1);
        const std::string error = audit(a->ring());
        if (!error.empty() || a->ring().put("x", 1, {}, nullptr) != Status::ok) board->failed.fetch_add(1);
        board->go.fetch_add(1);
        return sleepForEver();
      }));
    }
    board->go.store(1);
    const uint32_t victims = round % 5;
    for (uint32_t v = 0; v < victims; ++v) {
      for (volatile uint32_t spin = 0; spin < (round * 7919u + v * 104729u) % 40000u; spin = spin + 1) {
      }
      racers[v].kill();
      ++kills;
    }
    ASSERT_TRUE(eventually([&] { return board->go.load() >= 1 + 6 - victims || board->failed.load() > 0; }))
        << "round " << round;
    EXPECT_EQ(board->failed.load(), 0u) << "round " << round;
    EXPECT_LE(board->created.load(), 1u) << "two segments under one name";
    racers.clear();
    EXPECT_EQ(removeSegment(path, attach, why), Status::ok);
    munmap(board, sizeof *board);
  }
  removeDeadTemporaries("/dev/shm");
  DIR* dir = opendir("/dev/shm");
  while (const dirent* e = readdir(dir)) EXPECT_NE(std::string(e->d_name).rfind(".rmqnew-", 0), 0u) << e->d_name;
  closedir(dir);
  printf("[   NOTE   ] 60 races, %u creators killed\n", kills);
}

TEST_F(Segment, AttachAgainstRemoveIsDecidedByOneByte) {
  for (uint32_t round = 0; round < 150; ++round) {
    ASSERT_EQ(create(), Status::ok);
    auto* board = sharedByFork<RaceBoard>();
    mine->close();
    Child attacher;
    ASSERT_TRUE(attacher.start([&] {
      board->created.store(1);
      while (board->go.load() == 0) {
      }
      std::unique_ptr<Attachment> a;
      Diagnosis d;
      const Status s = attachSegment(path, {}, a, d);
      if (s == Status::notFound) return 3;
      if (s != Status::ok) return 4;
      // Attached means: nobody removes the name while we hold the place.
      for (volatile int i = 0; i < 20000; i = i + 1) {
      }
      return a->isNamed() ? 0 : 5;
    }));
    ASSERT_TRUE(eventually([&] { return board->created.load() == 1; }));
    board->go.store(1);
    for (volatile uint32_t spin = 0; spin < round * 300; spin = spin + 1) {
    }
    const Status removed = removeSegment(path, attach, why);
    const int code = attacher.wait();
    ASSERT_TRUE(code == 0 || code == 3) << code;
    ASSERT_TRUE(removed == Status::ok || removed == Status::inUse) << statusName(removed);
    if (removed != Status::ok) {
      ASSERT_EQ(code, 0);
      ASSERT_EQ(removeSegment(path, attach, why), Status::ok);
    }
    munmap(board, sizeof *board);
  }
}

TEST(ProcessSelf, KnowsItself) {
  const Self self = describeSelf();
  EXPECT_EQ(self.pid, static_cast<uint64_t>(getpid()));
  EXPECT_GT(self.startTime, 0u);
  EXPECT_GT(self.pidNamespace, 0u);
  uint8_t boot[16];
  readBootId(boot);
  const uint8_t zero[16] = {};
  EXPECT_NE(std::memcmp(boot, zero, 16), 0);
}

}  // namespace
