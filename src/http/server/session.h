// SPDX-License-Identifier: Apache-2.0
//
// One connection: reads requests one after the other, has them handled, writes the responses.
// Pipelined requests wait in the socket, so one connection never holds more than one body.
//
// Lifetime   owns itself, as a coroutine on its io thread, from serve() until the peer leaves, a
//            timeout, or close().
// Threading  everything happens on the io thread of the socket.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "http/server/core.h"

namespace atlas::http {

// What the server can do to an open connection, on its io thread.
class SessionControl {
public:
    virtual ~SessionControl() = default;
    virtual void close_if_idle() = 0;  // between two requests
    virtual void close() = 0;
};

// Serves the connection; `ended` is called once, on the io thread, when it is over.
std::shared_ptr<SessionControl> serve(std::shared_ptr<Core> core,
                                      boost::asio::ip::tcp::socket socket,
                                      std::function<void()> ended);

}  // namespace atlas::http
