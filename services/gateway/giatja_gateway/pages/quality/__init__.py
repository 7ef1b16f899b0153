"""The screens of quality: yield and defects, inspections, inspecting."""
