"""Any department's file becomes typed tables: find the header, name the columns, type the cells, name every problem."""
