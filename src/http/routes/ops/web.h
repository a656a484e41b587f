// SPDX-License-Identifier: Apache-2.0
//
// GET / and the files of the web page, from the table that the build embedded.
//
// Threading  handlers do not block.
#pragma once

#include <vector>

#include "http/server/handler.h"

namespace atlas::http {

std::vector<Route> web_routes();

}  // namespace atlas::http
