"""What must stay true: unit (pure), workflow (skipped time), api, faults, bench, histories."""
