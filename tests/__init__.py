"""What must stay true: unit (pure), workflow (skipped time), api, browser, faults, bench, histories."""
