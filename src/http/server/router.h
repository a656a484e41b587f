// SPDX-License-Identifier: Apache-2.0
//
// Finds the route of a request. Literal segments win over {…}, and GET serves HEAD where there is
// no HEAD route.
//
// Lifetime   routes live as long as the router.
// Threading  constant after construction; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/server/handler.h"

namespace atlas::http {

class Router {
public:
    // Throws std::logic_error for a pattern without a leading slash, a route without exactly one
    // handler, or two routes for one method and pattern.
    explicit Router(std::vector<Route> routes);

    struct Match {
        std::size_t index = 0;              // of the route
        std::vector<std::string> captures;  // values of {…}, in order
    };
    struct Miss {
        std::string allow;  // methods that the path has, for Allow; empty: no such path
    };
    Result<Match, Miss> match(std::string_view method,
                              const std::vector<std::string>& segments) const;

    const std::vector<Route>& routes() const { return routes_; }

private:
    struct Pattern {
        std::vector<std::string> segments;
        std::map<std::string, std::size_t, std::less<>> methods;  // → route
    };
    const Pattern* find(const std::vector<std::string>& segments) const;

    std::vector<Route> routes_;
    std::vector<Pattern> patterns_;  // literal ones first
};

}  // namespace atlas::http
