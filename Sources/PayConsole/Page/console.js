// The console works without this script.
"use strict";
