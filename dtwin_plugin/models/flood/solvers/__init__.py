"""How water flows: local inertial, with momentum, by finite volumes, in coarse cells."""
