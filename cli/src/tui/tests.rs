//! The workbench without a terminal.
