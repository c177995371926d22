package docscheck

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/boot"
)

// TestConfigurationTable: the README's table has the variables that the functions read, for the function that reads them, and
// with the default that they take.
func TestConfigurationTable(t *testing.T) {
	table, ok := between(read(t, "README.md"), "configuration")
	if !ok {
		t.Fatal("the README does not show the configuration")
	}
	listed := map[string][]string{}
	for _, row := range cells(table) {
		listed[strings.Trim(row[0], "`")] = row[1:]
	}
	for _, v := range boot.Variables() {
		want := "none"
		if v.Required {
			want = "required"
		} else if v.Default != "" {
			want = "`" + v.Default + "`"
		}
		row := listed[v.Name]
		if len(row) < 2 || row[0] != v.For || !strings.HasPrefix(row[1], want) {
			t.Errorf("%s is for %s and %s by default; the table says %v", v.Name, v.For, want, row)
		}
		delete(listed, v.Name)
	}
	if len(listed) > 0 {
		t.Errorf("no function reads %v", slices.Sorted(maps.Keys(listed)))
	}
}
