#include "legacy-mutex.hpp"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

namespace rmq::legacy {
namespace {

void* lockAndEnd(void* mutex) {
  pthread_mutex_lock(static_cast<pthread_mutex_t*>(mutex));
  return nullptr;
}

// Only the system's own calls know what a NOTRECOVERABLE mutex looks like: its
// owner ends, the next one is told so and unlocks without repairing it. The state
// holds no address and so can be copied.
int buildNotRecoverable(pthread_mutex_t& mutex) {
  memset(&mutex, 0, sizeof mutex);
  pthread_mutexattr_t attributes;
  int error = pthread_mutexattr_init(&attributes);
  if (error != 0) return error;
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  error = pthread_mutex_init(&mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  if (error != 0) return error;
  pthread_t owner;
  error = pthread_create(&owner, nullptr, lockAndEnd, &mutex);
  if (error != 0) return error;
  pthread_join(owner, nullptr);
  // Emulators that never tell of a dead owner must not keep us waiting for him.
  timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 1;
  if (pthread_mutex_timedlock(&mutex, &deadline) != EOWNERDEAD) return ENOTSUP;
  pthread_mutex_unlock(&mutex);
  return pthread_mutex_lock(&mutex) == ENOTRECOVERABLE ? 0 : ENOTSUP;
}

int writeMutex(int fd, const pthread_mutex_t& mutex, gid_t group) {
  // Whatever the umask says.
  if (group != kNoGroup && fchown(fd, static_cast<uid_t>(-1), group) != 0) return errno;
  if (fchmod(fd, group != kNoGroup ? 0660 : 0600) != 0) return errno;
  // Clients map it: a file without its memory would kill them by SIGBUS.
  const ssize_t written = write(fd, &mutex, sizeof mutex);
  if (written < 0) return errno;
  return written == static_cast<ssize_t>(sizeof mutex) ? 0 : ENOSPC;
}

// Temporaries of this prefix that a killed process leaves behind are tidied away
// together with those of segments.
std::string temporaryBeside(const std::string& path) {
  uint64_t random = 0;
  if (getrandom(&random, sizeof random, 0) != sizeof random) random = static_cast<uint64_t>(getpid());
  char name[40];
  snprintf(name, sizeof name, ".rmqnew-%016llx", static_cast<unsigned long long>(random));
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? name : path.substr(0, slash + 1) + name;
}

int createOnce(const std::string& path, const pthread_mutex_t& mutex, gid_t group) {
  const std::string temporary = temporaryBeside(path);
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return errno;
  int error = writeMutex(fd, mutex, group);
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) unlink(temporary.c_str());
  close(fd);
  return error;
}

}  // namespace

int createLegacyMutex(const std::string& segmentPath, gid_t group) {
  pthread_mutex_t mutex;
  int error = buildNotRecoverable(mutex);
  if (error != 0) return error;
  const std::string path = segmentPath + "_mutex";
  // Somebody who tidies may take the temporary away before it has its name.
  for (int attempt = 0; attempt < 8; attempt++) {
    error = createOnce(path, mutex, group);
    if (error != ENOENT && error != EEXIST) break;
  }
  return error;
}

}  // namespace rmq::legacy
