// SPDX-License-Identifier: Apache-2.0
//
// Keeps a descriptor from the programs that this process starts: for descriptors of libraries that
// do not open them with O_CLOEXEC, such as Asio's sockets. A server that we start outlives us, and
// what it inherits stays open: a port in use, a client that waits for a response.
//
// Lifetime   the descriptor stays its owner's.
// Threading  any thread.
#pragma once

#include <fcntl.h>

namespace atlas {

// No effect on a descriptor that is not open. Cost: one system call.
inline void close_on_exec(int descriptor) {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

}  // namespace atlas
